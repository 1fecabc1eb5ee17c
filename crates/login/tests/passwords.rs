//! What a password opens, what it does not, and what whoever keeps records can and cannot tell.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod pinned;

use envelock_login::{
    ClientError, FinishedLogin, Ke1, Ke2, LONGEST_PASSWORD, Login, LoginState, Malformed, Record, Registered,
    Registration, ServerSecret, WrongPassword,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const PASSWORD: &str = "correct horse battery";
const ANNA: &[u8] = b"anna@example.org";

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn register(secret: &ServerSecret, password: &str, rng: &mut ChaCha20Rng) -> Registered {
    let (registration, request) = Registration::start(password, rng).unwrap();
    registration.finish(&secret.register(&request, ANNA).unwrap(), rng).unwrap()
}

/// Both halves of a login that the server answers for this credential, and with this record.
fn login(
    secret: &ServerSecret,
    record: Option<&Record>,
    credential: &[u8],
    password: &str,
    rng: &mut ChaCha20Rng,
) -> Result<(LoginState, FinishedLogin), ClientError> {
    let (login, ke1) = Login::start(password, rng)?;
    let (state, ke2) = secret.start(record, credential, &ke1, rng).unwrap();
    Ok((state, login.finish(&ke2, rng)?))
}

#[test]
fn the_password_logs_in_and_gives_the_same_key_again() {
    let mut rng = rng(1);
    let secret = ServerSecret::generate(&mut rng);
    let Registered { record, export_key } = register(&secret, PASSWORD, &mut rng);
    let record = Record::parse(&record).unwrap();
    // The server was started again, and everything read from where it was kept.
    let secret = ServerSecret::from_octets(&secret.to_octets()).unwrap();
    for _ in 0..2 {
        let (state, finished) = login(&secret, Some(&record), ANNA, PASSWORD, &mut rng).unwrap();
        let state = LoginState::from_octets(state.as_octets());
        assert_eq!(state.finish(&finished.ke3), Ok(()));
        assert_eq!(finished.export_key.as_octets(), export_key.as_octets());
    }
    // Registered anew, the same password gives another key.
    assert_ne!(register(&secret, PASSWORD, &mut rng).export_key.as_octets(), export_key.as_octets());
}

#[test]
fn nothing_else_does() {
    let mut rng = rng(2);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, PASSWORD, &mut rng).record).unwrap();
    let mut wrong = |secret: &ServerSecret, record: Option<&Record>, credential: &[u8], password: &str| {
        login(secret, record, credential, password, &mut rng).err()
    };
    let refused = Some(ClientError::WrongPassword);
    assert_eq!(wrong(&secret, Some(&record), ANNA, "correct horse batterz"), refused);
    assert_eq!(wrong(&secret, None, ANNA, PASSWORD), refused, "no such account");
    assert_eq!(wrong(&secret, Some(&record), b"berta@example.org", PASSWORD), refused, "another account's record");
    assert_eq!(wrong(&ServerSecret::generate(&mut self::rng(3)), Some(&record), ANNA, PASSWORD), refused);
    // Nobody can have registered these: nothing is asked.
    assert_eq!(Login::start("", &mut rng).err(), refused);
    assert_eq!(Login::start(&"x".repeat(LONGEST_PASSWORD + 1), &mut rng).err(), refused);
}

#[test]
fn the_last_message_of_one_login_finishes_no_other() {
    let mut rng = rng(4);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, PASSWORD, &mut rng).record).unwrap();
    let (first, mut finished) = login(&secret, Some(&record), ANNA, PASSWORD, &mut rng).unwrap();
    let (_, ke1) = Login::start(PASSWORD, &mut rng).unwrap();
    let (other, _) = secret.start(Some(&record), ANNA, &ke1, &mut rng).unwrap();
    let (nobodys, _) = secret.start(None, ANNA, &ke1, &mut rng).unwrap();
    assert_eq!(other.finish(&finished.ke3), Err(WrongPassword));
    assert_eq!(nobodys.finish(&finished.ke3), Err(WrongPassword));
    finished.ke3[63] ^= 1;
    assert_eq!(LoginState::from_octets(first.as_octets()).finish(&finished.ke3), Err(WrongPassword));
    finished.ke3[63] ^= 1;
    assert_eq!(first.finish(&finished.ke3), Ok(()));
}

#[test]
fn an_answer_that_was_changed_on_its_way_is_refused() {
    let mut rng = rng(5);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, PASSWORD, &mut rng).record).unwrap();
    // A bit in each of its parts: evaluated element, masking nonce, masked response, server nonce, key share, MAC.
    for octet in [33, 70, 130, 200, 300] {
        let (login, ke1) = Login::start(PASSWORD, &mut rng).unwrap();
        let (_, mut ke2) = secret.start(Some(&record), ANNA, &ke1, &mut rng).unwrap();
        ke2[octet] ^= 1;
        assert_eq!(login.finish(&ke2, &mut rng).err(), Some(ClientError::WrongPassword), "octet {octet}");
    }
    // What is no point, the neutral one among them, and the client's own sent back.
    for (from, to) in [(0, [0xff; 32]), (0, [0; 32]), (224, [0xff; 32]), (224, [0; 32])] {
        let (login, ke1) = Login::start(PASSWORD, &mut rng).unwrap();
        let (_, mut ke2) = secret.start(Some(&record), ANNA, &ke1, &mut rng).unwrap();
        ke2[from..from + 32].copy_from_slice(&to);
        assert_eq!(login.finish(&ke2, &mut rng).err(), Some(ClientError::Malformed), "octet {from}");
    }
    let (login, ke1) = Login::start(PASSWORD, &mut rng).unwrap();
    let (_, mut ke2) = secret.start(Some(&record), ANNA, &ke1, &mut rng).unwrap();
    ke2[..32].copy_from_slice(&ke1[..32]);
    assert_eq!(login.finish(&ke2, &mut rng).err(), Some(ClientError::Malformed), "reflected");
}

#[test]
fn what_is_no_message_is_refused_with_a_record_and_without() {
    let mut rng = rng(6);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, PASSWORD, &mut rng).record).unwrap();
    let (_, fine) = Login::start(PASSWORD, &mut rng).unwrap();
    for part in [0..32, 64..96] {
        for octet in [0, 0xff] {
            let mut ke1 = fine;
            ke1[part.clone()].fill(octet);
            for record in [Some(&record), None] {
                assert!(matches!(secret.start(record, ANNA, &ke1, &mut rng), Err(Malformed)), "{part:?} {octet}");
            }
            assert_eq!(secret.register(&[octet; 32], ANNA), Err(Malformed));
        }
    }
    assert!(matches!(Record::parse(&[0; 192]), Err(Malformed)));
    assert!(matches!(ServerSecret::from_octets(&[0xff; 128]), Err(Malformed)));
    let (registration, _) = Registration::start(PASSWORD, &mut rng).unwrap();
    assert_eq!(registration.finish(&[0; 64], &mut rng).err(), Some(ClientError::Malformed));
}

/// Neither size nor what repeats tells whether there is an account.
#[test]
fn an_account_that_is_not_there_answers_like_one_that_is() {
    let mut rng = rng(7);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, PASSWORD, &mut rng).record).unwrap();
    let (_, ke1): (_, Ke1) = Login::start(PASSWORD, &mut rng).unwrap();
    let mut answer = |record| -> Ke2 { secret.start(record, ANNA, &ke1, &mut rng).unwrap().1 };
    let (known, again) = (answer(Some(&record)), answer(Some(&record)));
    let (unknown, once_more) = (answer(None), answer(None));
    // The evaluated element is the account's, whether there is one or not; everything else is new each time.
    assert_eq!(known[..32], again[..32]);
    assert_eq!(known[..32], unknown[..32]);
    assert_eq!(unknown[..32], once_more[..32]);
    let same = |one: &Ke2, other: &Ke2| one[32..].iter().zip(&other[32..]).filter(|(one, other)| one == other).count();
    for (one, other) in [(&known, &again), (&known, &unknown), (&unknown, &once_more)] {
        assert!(same(one, other) < 16, "{}", same(one, other));
    }
}

#[test]
fn a_password_that_is_chosen_has_twelve_characters_and_at_most_1024_octets() {
    let mut rng = rng(8);
    let mut start = |password: &str| Registration::start(password, &mut rng).err();
    assert_eq!(start("elf Zeichen"), Some(ClientError::ShortPassword));
    assert_eq!(start("ääääääääää11"), None, "characters, not octets");
    assert_eq!(start(&"ä".repeat(LONGEST_PASSWORD / 2)), None);
    assert_eq!(start(&"ä".repeat(LONGEST_PASSWORD / 2 + 1)), Some(ClientError::LongPassword));
}

/// One machine sends an `é` as one character, another as two.
#[test]
fn a_password_is_the_same_in_every_form_of_unicode() {
    let mut rng = rng(9);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, "caf\u{e9} au lait", &mut rng).record).unwrap();
    let (state, finished) = login(&secret, Some(&record), ANNA, "cafe\u{301} au lait", &mut rng).unwrap();
    assert_eq!(state.finish(&finished.ke3), Ok(()));
}

/// A record that was stored by the first version; see `pinned`.
#[test]
fn a_record_of_the_first_version_opens_for_ever() {
    let mut rng = rng(10);
    let secret = ServerSecret::from_octets(&pinned::octets(pinned::SECRET)).unwrap();
    let record = Record::parse(&pinned::octets(pinned::RECORD)).unwrap();
    let (state, finished) = login(&secret, Some(&record), ANNA, PASSWORD, &mut rng).unwrap();
    assert_eq!(state.finish(&finished.ke3), Ok(()));
    assert_eq!(finished.export_key.as_octets(), &pinned::octets::<64>(pinned::EXPORT_KEY));
}

/// Whoever reads what the server remembers begins a login of their own and sends that back.
#[test]
fn what_is_remembered_of_a_login_does_not_finish_it() {
    let mut rng = rng(14);
    let secret = ServerSecret::generate(&mut rng);
    let record = Record::parse(&register(&secret, PASSWORD, &mut rng).record).unwrap();
    let (_, ke1) = Login::start("a guess of a thief", &mut rng).unwrap();
    let (state, _) = secret.start(Some(&record), ANNA, &ke1, &mut rng).unwrap();
    let seen = *state.as_octets();
    assert_eq!(state.finish(&seen), Err(WrongPassword));
}

/// So does a login of which the client is of this version and the server of the first.
#[test]
fn a_message_of_the_first_version_is_the_same_today() {
    let secret = ServerSecret::from_octets(&pinned::octets(pinned::SECRET)).unwrap();
    let record = Record::parse(&pinned::octets(pinned::RECORD)).unwrap();
    let (login, ke1) = Login::start(PASSWORD, &mut rng(11)).unwrap();
    let (state, ke2) = secret.start(Some(&record), ANNA, &ke1, &mut rng(12)).unwrap();
    let finished = login.finish(&ke2, &mut rng(13)).unwrap();
    assert_eq!(ke1, pinned::octets(pinned::KE1));
    assert_eq!(ke2, pinned::octets(pinned::KE2));
    assert_eq!(finished.ke3, pinned::octets(pinned::KE3));
    assert_eq!(state.as_octets(), &pinned::octets::<64>(pinned::STATE));
    assert_eq!(secret.register(&pinned::octets(pinned::REQUEST), ANNA), Ok(pinned::octets(pinned::RESPONSE)));
}
