//! The table that RUNBOOK.md makes in Athena over exports of the events table: each of its columns is an attribute that items have, and the
//! queries ask for no other.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use regex_lite::Regex;
use shared::aws::Aws;
use shared::store::item::Item;
use tests::samples::names;
use tests::stack::Stack;
use tests::wait;
use tokio::runtime::Runtime;

const RUNBOOK: &str = include_str!("../../../RUNBOOK.md");

/// The scalars and lists of a column's type, as paths: `summary.M.entities.L.S`. A list's elements have no name.
fn paths(kind: &str, path: &str, found: &mut BTreeSet<String>) {
    let inner = |name: &str| Some(kind.strip_prefix(name)?.strip_prefix('<')?.strip_suffix('>').unwrap());
    if let Some(members) = inner("struct") {
        let (mut depth, mut begin) = (0, 0);
        for (place, c) in members.char_indices().chain([(members.len(), ',')]) {
            match c {
                '<' => depth += 1,
                '>' => depth -= 1,
                ',' if depth == 0 => {
                    let (name, kind) = members[begin..place].split_once(':').unwrap();
                    let dot = if path.is_empty() { "" } else { "." };
                    paths(kind, &format!("{path}{dot}{name}"), found);
                    begin = place + 1;
                }
                _ => {}
            }
        }
    } else if let Some(element) = inner("array") {
        paths(element, path, found);
    } else {
        assert_eq!(kind, "string", "{path}");
        found.insert(path.to_owned());
    }
}

/// The paths of the table's one column.
fn columns() -> BTreeSet<String> {
    let (_, ddl) = RUNBOOK.split_once("CREATE EXTERNAL TABLE trunkline (").unwrap();
    let (columns, _) = ddl.split_once(")\nROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'").unwrap();
    let compact: String = columns.chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = BTreeSet::new();
    paths(compact.strip_prefix("Item").unwrap(), "", &mut found);
    found
}

/// The paths of an item as an export writes it, in DynamoDB's JSON.
fn exported(item: &Item, path: &str, found: &mut BTreeSet<String>) {
    for (name, value) in item {
        exported_value(value, &if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, found);
    }
}

fn exported_value(value: &AttributeValue, path: &str, found: &mut BTreeSet<String>) {
    match value {
        AttributeValue::S(_) => drop(found.insert(format!("{path}.S"))),
        AttributeValue::N(_) => drop(found.insert(format!("{path}.N"))),
        AttributeValue::M(members) => exported(members, &format!("{path}.M"), found),
        AttributeValue::L(values) => values.iter().for_each(|value| exported_value(value, &format!("{path}.L"), found)),
        _ => {}
    }
}

/// All items of a stack that got each sample.
fn items(stack: &Stack) -> Vec<Item> {
    let aws = Aws::read(&|name| match name {
        "AWS_ENDPOINT_URL" => Some(stack.dynamodb_url().to_owned()),
        "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("us-east-1".to_owned()),
        _ => None,
    });
    let scan = aws.unwrap().dynamodb().scan().table_name("EventsTable").into_paginator().items().send();
    Runtime::new().unwrap().block_on(scan.collect::<Result<Vec<_>, _>>()).unwrap()
}

#[test]
fn each_column_of_the_archive_is_one_that_items_have_and_no_query_asks_for_another() {
    let stack = Stack::start();
    names().iter().for_each(|name| drop(stack.deliver(name)));
    let columns = columns();
    assert!(columns.len() > 15, "{columns:?}");
    // Records come within seconds.
    let mut missing = columns.clone();
    wait::until("records are written", || {
        let mut found = BTreeSet::new();
        items(&stack).iter().for_each(|item| exported(item, "", &mut found));
        missing = columns.difference(&found).cloned().collect();
        let is_there = found.contains("summary.M.talk.S");
        (missing.is_empty() || is_there).then_some(())
    });
    assert_eq!(missing, BTreeSet::new());
    let asked = Regex::new(r"\bItem\.([A-Za-z_.]+)").unwrap();
    let (_, queries) = RUNBOOK.split_once("ROW FORMAT SERDE").unwrap();
    let asked: BTreeSet<_> = asked.captures_iter(queries).map(|path| path[1].to_owned()).collect();
    assert!(asked.len() > 5, "{asked:?}");
    for path in asked {
        assert!(columns.iter().any(|column| *column == path || column.starts_with(&format!("{path}."))), "{path}");
    }
}

/// What the queries tell calls that are over by.
#[test]
fn the_rows_that_the_queries_choose_are_the_calls_that_are_over_each_once() {
    let stack = Stack::start();
    names().iter().for_each(|name| drop(stack.deliver(name)));
    let text = |item: &Item, name: &str| item[name].as_s().unwrap().clone();
    let chosen = |item: &Item| {
        let pk = text(item, "pk");
        text(item, "sk") == "ended" && pk.starts_with("record.") && pk.contains(".call.")
    };
    assert_eq!(RUNBOOK.matches("Item.sk.S = 'ended' AND Item.pk.S LIKE 'record.%.call.%'").count(), 3);
    let listed = wait::until("calls are over", || {
        let rows: BTreeSet<_> = items(&stack).iter().filter(|item| chosen(item)).map(|item| text(item, "pk")).collect();
        let ended: BTreeSet<_> = over(&stack).into_iter().map(|id| format!("record.{id}")).collect();
        (!rows.is_empty() && rows == ended).then_some(rows)
    });
    assert!(listed.len() > 5, "{listed:?}");
}

/// The calls that the API says are over, those joined to another left out.
fn over(stack: &Stack) -> Vec<String> {
    let today = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
    let listed = stack.list(&format!("/calls?limit=100&endedFrom={today}"));
    listed.iter().map(|call| call["id"].as_str().unwrap().to_owned()).collect()
}
