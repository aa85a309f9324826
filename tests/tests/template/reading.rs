//! Reads the template, with its loops (`Fn::ForEach`) unrolled. The short forms of functions lose their names here:
//! `!Ref Api` reads as `Api`, `!If [a, b, c]` as the list.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use yaml_rust2::{Yaml, YamlLoader};

const LOOP: &str = "Fn::ForEach::";

/// The template, unrolled.
pub(super) static TEMPLATE: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../template.yaml");
    let documents = YamlLoader::load_from_str(text).unwrap();
    unrolled(&as_json(&documents[0]))
});

/// A resource's properties.
pub(super) fn properties(name: &str) -> &'static Value {
    let properties = &TEMPLATE["Resources"][name]["Properties"];
    assert!(properties.is_object(), "no resource {name}");
    properties
}

/// The names and properties of all resources of a type.
pub(super) fn of_type(kind: &str) -> Vec<(&'static str, &'static Value)> {
    let resources = TEMPLATE["Resources"].as_object().unwrap().iter();
    resources
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, r)| (name.as_str(), &r["Properties"]))
        .collect()
}

/// The texts of a list, or the one text.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().map(|text| text.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

fn as_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Hash(map) => map.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), as_json(value))).collect(),
        Yaml::Array(list) => list.iter().map(as_json).collect(),
        Yaml::Integer(number) => json!(number),
        Yaml::Boolean(truth) => json!(truth),
        Yaml::Real(text) | Yaml::String(text) => json!(text),
        Yaml::Null => Value::Null,
        other => panic!("not in a template: {other:?}"),
    }
}

fn unrolled(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut all = Map::new();
            for (key, value) in map {
                if key.starts_with(LOOP) {
                    for item in texts(&value[1]) {
                        let turn = unrolled(&with(&value[2], value[0].as_str().unwrap(), item));
                        all.extend(turn.as_object().unwrap().clone());
                    }
                } else {
                    all.insert(key.clone(), unrolled(value));
                }
            }
            Value::Object(all)
        }
        Value::Array(list) => list.iter().map(unrolled).collect(),
        other => other.clone(),
    }
}

/// The body of a loop with its variable replaced: in names and texts as `${Name}`, as a reference (`!Ref Name`) whole.
fn with(body: &Value, variable: &str, item: &str) -> Value {
    let text = |text: &str| text.replace(&format!("${{{variable}}}"), item);
    match body {
        Value::Object(map) => map.iter().map(|(key, value)| (text(key), with(value, variable, item))).collect(),
        Value::Array(list) => list.iter().map(|value| with(value, variable, item)).collect(),
        Value::String(all) if all == variable => json!(item),
        Value::String(all) => json!(text(all)),
        other => other.clone(),
    }
}
