//! Makes certificates with any self-signatures one asks for, good or bad.

use envelock::{Certificate, Limits, Timestamp};
use pgp::{
    bytes::Bytes,
    composed::{SignedKeyDetails, SignedPublicKey, SignedPublicSubKey},
    crypto::{ecc_curve::ECCCurve, ecdh, ed25519, eddsa_legacy, hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{
        KeyFlags, PubKeyInner, PublicKey, PublicSubkey, RevocationCode, SecretKey, SecretSubkey, Signature,
        SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
    },
    ser::Serialize,
    types::{
        Duration, KeyVersion, PacketHeaderVersion, Password, PlainSecretParams, PublicParams, SecretParams, SignedUser,
        SigningKey, Tag,
    },
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// 2024-01-01.
pub const START: u32 = 1_704_067_200;
pub const DAY: u32 = 86_400;

pub fn day(days: u32) -> Timestamp {
    Timestamp::from_secs(START + days * DAY)
}

/// What a signature says, beside its date and issuer.
#[derive(Clone)]
pub struct Says {
    pub created: u32,
    pub hash: HashAlgorithm,
    pub hashed: Vec<Subpacket>,
    pub unhashed: Vec<Subpacket>,
}

pub fn says(days: u32) -> Says {
    Says { created: START + days * DAY, hash: HashAlgorithm::Sha256, hashed: Vec::new(), unhashed: Vec::new() }
}

impl Says {
    pub fn regular(mut self, data: SubpacketData) -> Self {
        self.hashed.push(Subpacket::regular(data).unwrap());
        self
    }
    pub fn critical(mut self, data: SubpacketData) -> Self {
        self.hashed.push(Subpacket::critical(data).unwrap());
        self
    }
    pub fn unhashed(mut self, data: SubpacketData) -> Self {
        self.unhashed.push(Subpacket::regular(data).unwrap());
        self
    }
    pub fn at(mut self, seconds: u32) -> Self {
        self.created = seconds;
        self
    }
    pub fn hash(mut self, hash: HashAlgorithm) -> Self {
        self.hash = hash;
        self
    }
    pub fn flags(self, set: impl FnOnce(&mut KeyFlags)) -> Self {
        let mut flags = KeyFlags::default();
        set(&mut flags);
        self.regular(SubpacketData::KeyFlags(flags))
    }
    pub fn certify_and_sign(self) -> Self {
        self.flags(|flags| {
            flags.set_certify(true);
            flags.set_sign(true);
        })
    }
    pub fn encrypt(self) -> Self {
        self.flags(|flags| {
            flags.set_encrypt_comms(true);
            flags.set_encrypt_storage(true);
        })
    }
    pub fn sign(self) -> Self {
        self.flags(|flags| flags.set_sign(true))
    }
    pub fn key_days(self, days: u32) -> Self {
        self.regular(SubpacketData::KeyExpirationTime(Duration::from_secs(days * DAY)))
    }
    pub fn signature_days(self, days: u32) -> Self {
        self.regular(SubpacketData::SignatureExpirationTime(Duration::from_secs(days * DAY)))
    }
    pub fn reason(self, code: RevocationCode) -> Self {
        self.regular(SubpacketData::RevocationReason(code, Bytes::new()))
    }

    fn config(&self, typ: SignatureType, signer: &impl SigningKey) -> SignatureConfig {
        let mut config = SignatureConfig::v4(typ, signer.algorithm(), self.hash);
        config.hashed_subpackets = vec![
            Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::from_secs(self.created))).unwrap(),
            Subpacket::regular(SubpacketData::IssuerFingerprint(signer.fingerprint())).unwrap(),
        ];
        config.hashed_subpackets.extend(self.hashed.iter().cloned());
        config.unhashed_subpackets = self.unhashed.clone();
        config
    }
}

/// A primary key (version 4, made at `day(0)`) and the certificate that grows around it.
pub struct Forge {
    pub primary: SecretKey,
    details: SignedKeyDetails,
    subkeys: Vec<SignedPublicSubKey>,
    rng: ChaCha20Rng,
}

impl Forge {
    pub fn new() -> Self {
        Self::of(7)
    }

    /// A key that depends on `seed` alone.
    pub fn of(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let secret = ed25519_secret(&mut rng);
        let primary = SecretKey::new(
            PublicKey::from_inner(inner(&secret, PublicKeyAlgorithm::EdDSALegacy, 0)).unwrap(),
            SecretParams::Plain(secret),
        )
        .unwrap();
        let details = SignedKeyDetails {
            revocation_signatures: Vec::new(),
            direct_signatures: Vec::new(),
            users: Vec::new(),
            user_attributes: Vec::new(),
        };
        Self { primary, details, subkeys: Vec::new(), rng }
    }

    /// An RSA key made in 2004, for hashes that Ed25519 does not take.
    pub fn rsa() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/00-keys/ivan.sec.asc");
        let ivan = envelock::SecretKey::parse(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
        let ivan = ivan.as_pgp();
        let SecretParams::Plain(secret) = ivan.primary_key.secret_params() else { panic!() };
        let params = PublicParams::try_from(secret).unwrap();
        let made = Timestamp::from_secs(1_080_000_000);
        let public = PubKeyInner::new(KeyVersion::V4, PublicKeyAlgorithm::RSA, made, None, params).unwrap();
        let primary =
            SecretKey::new(PublicKey::from_inner(public).unwrap(), SecretParams::Plain(secret.clone())).unwrap();
        Self { primary, ..Self::new() }
    }

    /// With one user ID and an encryption subkey, both bound on day 0.
    pub fn usual() -> Self {
        Self::new().user("Nora <nora@example.org>", [says(0).certify_and_sign()]).encryption_subkey([says(0).encrypt()])
    }

    pub fn user<const N: usize>(mut self, text: &str, certifications: [Says; N]) -> Self {
        let id = UserId::from_str(PacketHeaderVersion::New, text).unwrap();
        let signatures = certifications.iter().map(|it| self.certify(&id, SignatureType::CertPositive, it)).collect();
        self.details.users.push(SignedUser { id, signatures });
        self
    }

    pub fn revoke_user(mut self, index: usize, says: Says) -> Self {
        let id = self.details.users[index].id.clone();
        let signature = self.certify(&id, SignatureType::CertRevocation, &says);
        self.details.users[index].signatures.push(signature);
        self
    }

    fn certify(&self, id: &UserId, typ: SignatureType, says: &Says) -> Signature {
        let config = says.config(typ, &self.primary);
        config
            .sign_certification(&self.primary, self.primary.public_key(), &Password::empty(), Tag::UserId, id)
            .unwrap()
    }

    /// What this key says of somebody else's first user ID: the body of a signature.
    pub fn on_other(&self, subject: &Certificate, typ: SignatureType, says: &Says) -> Vec<u8> {
        let (signee, id) = (&subject.as_pgp().primary_key, &subject.as_pgp().details.users[0].id);
        let config = says.config(typ, &self.primary);
        let made = config.sign_certification_third_party(&self.primary, &Password::empty(), signee, Tag::UserId, id);
        made.unwrap().to_bytes().unwrap()
    }

    pub fn direct(mut self, says: Says) -> Self {
        let config = says.config(SignatureType::Key, &self.primary);
        self.details
            .direct_signatures
            .push(config.sign_key(&self.primary, &Password::empty(), self.primary.public_key()).unwrap());
        self
    }

    pub fn revoke(mut self, says: Says) -> Self {
        let config = says.config(SignatureType::KeyRevocation, &self.primary);
        self.details
            .revocation_signatures
            .push(config.sign_key(&self.primary, &Password::empty(), self.primary.public_key()).unwrap());
        self
    }

    pub fn encryption_subkey<const N: usize>(mut self, bindings: [Says; N]) -> Self {
        let secret =
            PlainSecretParams::ECDH(ecdh::SecretKey::generate(&mut self.rng, &ECCCurve::Curve25519Legacy).unwrap());
        let key = PublicSubkey::from_inner(inner(&secret, PublicKeyAlgorithm::ECDH, 0)).unwrap();
        let signatures = bindings.iter().map(|it| self.bind(&key, SignatureType::SubkeyBinding, it)).collect();
        self.subkeys.push(SignedPublicSubKey { key, signatures });
        self
    }

    /// A signing subkey. `back` says the 0x19 signature in its binding, if there is to be one, made by the subkey or by another key.
    pub fn signing_subkey(mut self, binding: Says, back: Option<(Says, Back)>) -> Self {
        let secret = ed25519_secret(&mut self.rng);
        let public = PublicSubkey::from_inner(inner(&secret, PublicKeyAlgorithm::EdDSALegacy, 0)).unwrap();
        let subkey = SecretSubkey::new(public.clone(), SecretParams::Plain(secret)).unwrap();
        let mut binding = binding;
        if let Some((says, by)) = back {
            let primary = self.primary.public_key();
            let signature = match by {
                Back::Subkey => says.config(SignatureType::KeyBinding, &subkey).sign_primary_key_binding(
                    &subkey,
                    &public,
                    &Password::empty(),
                    primary,
                ),
                Back::Primary => says.config(SignatureType::KeyBinding, &self.primary).sign_primary_key_binding(
                    &self.primary,
                    &public,
                    &Password::empty(),
                    primary,
                ),
            };
            binding = binding.regular(SubpacketData::EmbeddedSignature(Box::new(signature.unwrap())));
        }
        let signatures = vec![self.bind(&public, SignatureType::SubkeyBinding, &binding)];
        self.subkeys.push(SignedPublicSubKey { key: public, signatures });
        self
    }

    pub fn revoke_subkey(mut self, index: usize, says: Says) -> Self {
        let key = self.subkeys[index].key.clone();
        let signature = self.bind(&key, SignatureType::SubkeyRevocation, &says);
        self.subkeys[index].signatures.push(signature);
        self
    }

    /// Signs by hand: rPGP refuses to sign critical subpackets it does not know.
    fn bind(&self, key: &PublicSubkey, typ: SignatureType, says: &Says) -> Signature {
        let config = says.config(typ, &self.primary);
        let mut hashed = Vec::new();
        for subpacket in &config.hashed_subpackets {
            subpacket.to_writer(&mut hashed).unwrap();
        }
        let mut head = vec![4, typ.into(), config.pub_alg.into(), config.hash_alg.into()];
        head.extend((hashed.len() as u16).to_be_bytes());
        head.extend(hashed);
        let mut data = Vec::new();
        for body in [self.primary.public_key().to_bytes().unwrap(), key.to_bytes().unwrap()] {
            data.push(0x99);
            data.extend((body.len() as u16).to_be_bytes());
            data.extend(body);
        }
        let length = head.len() as u32;
        data.extend(head);
        data.extend([4, 0xff]);
        data.extend(length.to_be_bytes());
        let digest = config.hash_alg.digest(&data).unwrap();
        let signature = self.primary.sign(&Password::empty(), config.hash_alg, &digest).unwrap();
        Signature::from_config(config, [digest[0], digest[1]], signature).unwrap()
    }

    pub fn octets(&self) -> Vec<u8> {
        SignedPublicKey {
            primary_key: self.primary.public_key().clone(),
            details: self.details.clone(),
            public_subkeys: self.subkeys.clone(),
        }
        .to_bytes()
        .unwrap()
    }

    /// The primary key with its secret, unlocked; the subkeys without theirs.
    pub fn secret_key(&self) -> envelock::SecretKey {
        let key = pgp::composed::SignedSecretKey {
            primary_key: self.primary.clone(),
            details: self.details.clone(),
            public_subkeys: self.subkeys.clone(),
            secret_subkeys: Vec::new(),
        };
        envelock::SecretKey::parse(&key.to_bytes().unwrap(), &Limits::default()).unwrap()
    }

    /// The embedded signature of the last subkey's binding, moved to the unhashed area.
    pub fn with_consent_unhashed(mut self) -> Self {
        let subkey = self.subkeys.pop().unwrap();
        let config = subkey.signatures[0].config().unwrap();
        let is_consent = |it: &Subpacket| matches!(it.data, SubpacketData::EmbeddedSignature(_));
        let mut binding = says(0);
        binding.hashed = config.hashed_subpackets.iter().filter(|it| !is_consent(it)).skip(2).cloned().collect();
        binding.unhashed = config.hashed_subpackets.iter().filter(|it| is_consent(it)).cloned().collect();
        let signatures = vec![self.bind(&subkey.key, SignatureType::SubkeyBinding, &binding)];
        self.subkeys.push(SignedPublicSubKey { key: subkey.key, signatures });
        self
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::parse(&self.octets(), &Limits::default()).unwrap()
    }
}

#[derive(Clone, Copy)]
pub enum Back {
    Subkey,
    #[allow(dead_code)] // among the attacks
    Primary,
}

fn ed25519_secret(rng: &mut ChaCha20Rng) -> PlainSecretParams {
    PlainSecretParams::EdDSALegacy(eddsa_legacy::SecretKey::Ed25519(ed25519::SecretKey::generate(
        rng,
        ed25519::Mode::EdDSALegacy,
    )))
}

fn inner(secret: &PlainSecretParams, algorithm: PublicKeyAlgorithm, days: u32) -> PubKeyInner {
    PubKeyInner::new(KeyVersion::V4, algorithm, day(days), None, PublicParams::try_from(secret).unwrap()).unwrap()
}
