//! The API's description (OpenAPI), and whether an answer is as it says.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use crate::http::Answer;

/// The description as it is committed.
pub static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../functions/query/openapi.json")).expect("the description is JSON")
});

/// Each schema is compiled once.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// What a problem document is.
const PROBLEM: &str = "#/components/schemas/Problem";

/// Holds an answer of the stack to the description. The console, and what only the local stack has, are not described.
///
/// # Panics
/// When the answer is not as it says.
pub fn hold(method: &str, path: &str, answer: &Answer) {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.starts_with("/local/") || path.starts_with("/console") {
        return;
    }
    let faults = faults(method, path, answer);
    assert!(faults.is_empty(), "{method} {path} is not answered as described: {faults:?}\n{answer:?}");
}

fn faults(method: &str, path: &str, answer: &Answer) -> Vec<String> {
    let Some(described) = operations(path) else {
        return undescribed(method, answer, &[404]);
    };
    // What answers `GET` answers `HEAD` so, without a body; a path for deliveries does not.
    let asked = if method == "HEAD" && answer.status != 405 { "get" } else { &method.to_ascii_lowercase() };
    let Some(operation) = described.get(asked) else {
        return undescribed(method, answer, &[405]);
    };
    let responses = &operation["responses"];
    let family = format!("{}XX", answer.status / 100);
    let Some(response) = responses.get(answer.status.to_string()).or_else(|| responses.get(family)) else {
        return vec![format!("no status {}", answer.status)];
    };
    let content = &resolved(response)["content"];
    let given = answer.header("content-type").split(';').next().unwrap_or_default().to_owned();
    match content.get(&given).or_else(|| content.get("*/*")) {
        Some(_) if method == "HEAD" => Vec::new(),
        // Who asks for it compares it with the plain answer.
        Some(_) if answer.header("content-encoding") == "gzip" => Vec::new(),
        // A pattern holds the heading.
        Some(media) if given == "text/csv" => {
            violations(&media["schema"], &String::from_utf8_lossy(&answer.body).into())
        }
        Some(media) if media["schema"].is_object() => violations(&media["schema"], &answer.json()),
        Some(_) => Vec::new(),
        None => vec![format!("no content type {given}")],
    }
}

/// A path or method that the description leaves out has a problem document, but to `HEAD`, whose answer has no body.
fn undescribed(method: &str, answer: &Answer, statuses: &[u16]) -> Vec<String> {
    if !statuses.contains(&answer.status) {
        return vec![format!("{} where {statuses:?} was to come", answer.status)];
    }
    if method == "HEAD" { Vec::new() } else { violations(&json!({"$ref": PROBLEM}), &answer.json()) }
}

/// What the description says of that path: a path that names it whole comes before one with an id.
fn operations(path: &str) -> Option<&'static Value> {
    let paths = DESCRIPTION["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (wanted, given) = (template.split('/'), path.split('/'));
        wanted.clone().count() == given.clone().count()
            && wanted.zip(given).all(|(wanted, given)| wanted == given || wanted == "{id}" && !given.is_empty())
    };
    paths.get(path).or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, operations)| operations))
}

/// What a `$ref` of the description leads to.
///
/// # Panics
/// When it leads nowhere.
#[must_use]
pub fn resolved(value: &Value) -> &Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    DESCRIPTION.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// Where a value is not as a schema of the description says: but for what an example leaves out, marked by an ellipsis.
#[must_use]
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let validator = validator(schema);
    // Quicker than to look for what is broken: nearly every answer is as it should be.
    if validator.is_valid(value) {
        return Vec::new();
    }
    let broken = validator.iter_errors(value).filter(|error| !is_abridged(error.instance()));
    broken.map(|error| format!("{}: {error:.300}", error.instance_path())).collect()
}

fn is_abridged(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('…'),
        Value::Object(members) => members.contains_key("…"),
        _ => false,
    }
}

fn validator(schema: &Value) -> Arc<Validator> {
    let mut known = VALIDATORS.lock().expect("no test panics while it compiles a schema");
    let compiled = known.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = DESCRIPTION["components"].clone();
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        Arc::new(options.build(&whole).expect("a schema"))
    });
    Arc::clone(compiled)
}
