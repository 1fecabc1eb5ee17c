//! The rule about addresses, by the table that holds it and the npm package's together.

use envelock::Address;

#[test]
fn user_ids_name_the_addresses_of_the_table() {
    let table: Vec<(String, Option<String>)> = serde_json::from_str(include_str!("../addresses.json")).unwrap();
    for (user_id, expected) in &table {
        let found = Address::of_user_id(user_id).map(|address| address.canonical());
        assert_eq!(&found, expected, "{user_id:?}");
    }
    assert!(table.len() > 30);
    let long = format!("{}@demo.example", "a".repeat(250));
    assert!(Address::of_user_id(&long).is_none());
}
