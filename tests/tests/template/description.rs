//! The API's description: that it is all of the API, and nothing else. That answers are as it says, the black-box tests' client holds.

use std::collections::BTreeSet;

use query::{Access, ROUTES};
use serde_json::{Value, json};
use shared::call::{EndedBy, LegStatus, Outcome};
use shared::entity::{Category, EntityKind};
use shared::event::Side;
use shared::failure::FailureClass;
use shared::key::Subject;
use shared::name::{Direction, Family, Provider, Status};
use shared::outbox::{AlertState, Severity, Transport};
use shared::record::Traffic;
use shared::store::list::Order;
use shared::told::DeliveryState;
use tests::contract::{DESCRIPTION, resolved, violations};

use super::reading::properties;

/// A path, a method, and what is said of it.
type Operation<'d> = (&'d str, &'d str, &'d Value);

fn operations(description: &Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The words of the code, by the schemas that list them.
fn words() -> Vec<(&'static str, Vec<&'static str>)> {
    macro_rules! words {
        ($($schema:literal: $type:ty),+ $(,)?) => {
            vec![$(($schema, <$type>::ALL.iter().map(|word| word.as_str()).collect())),+]
        };
    }
    let mut words: Vec<(_, Vec<_>)> = words! {
        "Provider": Provider, "Family": Family, "Status": Status, "FailureClass": FailureClass, "Failures": FailureClass,
        "Outcome": Outcome, "Category": Category, "Direction": Direction, "Traffic": Traffic, "Side": Side,
        "EndedBy": EndedBy, "LegState": LegStatus, "Order": Order, "By": query::By, "Severity": Severity, "AlertState": AlertState,
        "Transport": Transport, "DeliveryState": DeliveryState, "Subject": Subject,
    };
    words.iter_mut().filter(|(schema, _)| *schema == "Failures").for_each(|(_, words)| words.push("any"));
    words
}

/// The words that the code has no type for, by where they stand.
const SAID: [(&str, &[&str]); 4] = [
    ("/components/parameters/plan/schema", &["nanp"]),
    ("/components/schemas/Receipt/properties/status", &["stored", "duplicate", "ready", "quarantined", "spooled"]),
    (
        "/paths/~1quarantine~1{id}~1retry/post/responses/200/content/application~1json/schema/properties/status",
        &["stored", "duplicate"],
    ),
    (
        "/paths/~1alerts~1mute/post/responses/200/content/application~1json/schema/properties/status",
        &["muted", "ended"],
    ),
];

/// Where the description is not what the code is.
fn faults(description: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut same = |what: String, described: &Value, coded: Value| {
        if *described != coded {
            faults.push(format!("{what}: {described} is {coded} in the code"));
        }
    };
    let found: BTreeSet<_> = operations(description).map(|(path, method, _)| (path, method.to_uppercase())).collect();
    let hooks = shared::ingest::ROUTES.iter().map(|route| (route.path, route.method.to_owned()));
    let routes = ROUTES.iter().map(|route| (route.resource(), route.method().to_owned())).chain(hooks);
    same("operations".to_owned(), &json!(found), json!(routes.collect::<BTreeSet<_>>()));
    for (path, method, operation) in operations(description) {
        let route = ROUTES.iter().find(|route| route.resource() == path);
        let named = |place: &str| {
            let all = operation["parameters"].as_array().into_iter().flatten().map(resolved);
            json!(all.filter(|one| one["in"] == place).map(|one| one["name"].clone()).collect::<Vec<_>>())
        };
        same(format!("{path} query"), &named("query"), json!(route.map_or(&[][..], |route| route.parameters())));
        let id = if path.contains("{id}") { json!(["id"]) } else { json!([]) };
        same(format!("{path} path"), &named("path"), id);
        let security = match route.map(|route| route.access()) {
            Some(Access::Open) => json!([]),
            Some(Access::Reader(_)) => json!([{"reader": []}]),
            Some(Access::Operator(_)) => json!([{"operator": []}]),
            None => json!([{"provider": []}, {"providerBearer": []}]),
        };
        same(format!("{method} {path} security"), &operation["security"], security);
    }
    let schemas = &description["components"]["schemas"];
    for (schema, words) in words() {
        same(schema.to_owned(), &schemas[schema]["enum"], json!(words));
    }
    for (place, words) in SAID {
        same(place.to_owned(), &description.pointer(place).unwrap_or(&Value::Null)["enum"], json!(words));
    }
    let kinds: Vec<_> = EntityKind::ALL.iter().map(|kind| kind.as_str()).collect();
    same("Entity".to_owned(), &schemas["Entity"]["pattern"], json!(format!("^({}):[^\\n]+$", kinds.join("|"))));
    let groups = query::Group::ALL.iter().map(|group| group.as_str()).collect::<Vec<_>>().join("|");
    let parameters = &description["components"]["parameters"];
    same("group".to_owned(), &parameters["group"]["schema"]["pattern"], json!(format!("^({groups})(,({groups}))*$")));
    faults
}

/// The description, once for each path, method, parameter and word of an enum: without it.
fn shortened() -> Vec<(String, Value)> {
    fn walk(value: &Value, place: &str, found: &mut Vec<(String, usize)>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                let place = format!("{place}/{}", name.replace('/', "~1"));
                if let (Value::Array(elements), "enum" | "parameters") = (member, name.as_str()) {
                    found.extend((0..elements.len()).map(|nth| (place.clone(), nth)));
                }
                walk(member, &place, found);
            }),
            Value::Array(elements) => {
                elements.iter().enumerate().for_each(|(nth, element)| walk(element, &format!("{place}/{nth}"), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&DESCRIPTION, "", &mut found);
    let element = |(place, nth): &(String, usize)| {
        let mut without = DESCRIPTION.clone();
        let dropped = without.pointer_mut(place).unwrap().as_array_mut().unwrap().remove(*nth);
        (format!("{place}: {dropped}"), without)
    };
    let operation = |(path, method, _): Operation<'_>| {
        let mut without = DESCRIPTION.clone();
        without["paths"][path].as_object_mut().unwrap().remove(method);
        (format!("{method} {path}"), without)
    };
    found.iter().map(element).chain(operations(&DESCRIPTION).map(operation)).collect()
}

#[test]
fn the_description_has_the_paths_methods_parameters_and_words_of_the_code() {
    assert_eq!(faults(&DESCRIPTION), [""; 0]);
    let described: BTreeSet<_> = DESCRIPTION["paths"].as_object().unwrap().keys().collect();
    let deployed = properties("Api")["DefinitionBody"]["paths"].as_object().unwrap().keys();
    let api = deployed.filter(|path| !console::RESOURCES.contains(&path.as_str()));
    assert_eq!(described, api.collect());
}

#[test]
fn whatever_is_dropped_from_the_description_is_missed() {
    let shortened = shortened();
    assert!(shortened.len() > 150, "{}", shortened.len());
    for (dropped, description) in shortened {
        assert_ne!(faults(&description), [""; 0], "{dropped}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let text = DESCRIPTION.to_string();
    for kind in ["parameters", "responses", "schemas"] {
        for name in DESCRIPTION["components"][kind].as_object().unwrap().keys() {
            assert!(text.contains(&format!("\"#/components/{kind}/{name}\"")), "{kind} {name}");
        }
    }
    for reference in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(resolved(&json!({"$ref": reference})).is_object(), "{reference}");
    }
}

/// Each example of the README, by its heading.
#[test]
fn the_examples_of_the_readme_are_as_described() {
    let readme = include_str!("../../../functions/query/README.md");
    let examples: Vec<_> = readme
        .split("\n## ")
        .flat_map(|part| part.split("```json\n").skip(1).map(move |rest| (part.lines().next().unwrap(), rest)))
        .map(|(heading, rest)| (heading, serde_json::from_str::<Value>(rest.split("```").next().unwrap()).unwrap()))
        .collect();
    let schemas = [
        ("An event", "NamedEvent"),
        ("Alerts", "Alert"),
        ("Counts", "Stats"),
        ("Mutes", "MuteRequest"),
        ("Names", "GivenNames"),
        ("A call", "Call"),
    ];
    assert_eq!(examples.iter().map(|(heading, _)| *heading).collect::<Vec<_>>(), schemas.map(|(heading, _)| heading));
    for ((heading, example), (_, schema)) in examples.iter().zip(schemas) {
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        assert_eq!(violations(&schema, example), [""; 0], "{heading}");
        let mut wrong = example.clone();
        wrong["invented"] = json!(1);
        assert_ne!(violations(&schema, &wrong), [""; 0], "{heading}");
    }
}
