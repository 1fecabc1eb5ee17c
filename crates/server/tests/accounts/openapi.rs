//! The description of the API is the one the server gives, and it is whole.

use crate::testbed::Bed;
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_committed_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let current = envelock_server::api::document().unwrap();
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == current,
        "docs/openapi.json is out of date; write it anew: cargo run -p envelock-server -- openapi > docs/openapi.json"
    );
    let served = Bed::new().await.call("GET", "/api/v1/openapi.json").send().await;
    assert_eq!((served.header("content-type"), served.text()), ("application/json", current));
}

#[test]
fn every_refusal_has_its_body_and_every_reference_its_schema() {
    let document: Value = serde_json::from_str(&envelock_server::api::document().unwrap()).unwrap();
    assert_eq!(document["openapi"].as_str().unwrap().get(..3), Some("3.1"));
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 15);
    for reference in references {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let login = [
        "StartLogin",
        "FinishLogin",
        "StartPasswordChange",
        "ChangePassword",
        "StartRegistration",
        "FinishRegistration",
        "CreateAppToken",
    ];
    for request in ["CreateEnvelope", "ChangeEnvelope", "OpenEnvelope", "ConfirmOpening"].into_iter().chain(login) {
        assert_eq!(schemas[request]["additionalProperties"], false, "{request} refuses unknown fields");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(response["description"].is_string(), "{method} {path} {status}");
                if status.starts_with('4') {
                    let schema = &response["content"]["application/json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/ErrorBody", "{method} {path} {status}");
                }
            }
        }
    }
}

fn collect_references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                into.insert(reference.clone());
            }
            fields.values().for_each(|field| collect_references(field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, into)),
        _ => {}
    }
}
