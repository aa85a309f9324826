//! Counts in the API: they are a recount of the records, say how far they are, and name who fails most.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Response};
use query::{Query, QuerySettings};
use serde_json::{Value, json};
use shared::record::{Disposition, Record};
use tests::samples::folder;

use super::counts::{ago, begin_counting, tick, with_an_hour};
use super::indexed::{Bench, aws, reading};

/// What the API over the bench's database answers to who would rather have that.
fn asked(bench: &Bench, path: &str, parameters: &[(&str, &str)], accept: &str) -> Response<Body> {
    let query = Query::new(QuerySettings::read(&reading).unwrap(), &aws(bench.database.url()));
    let envelope = std::fs::read(folder().join("envelopes/query-get.json")).unwrap();
    let mut envelope: Value = serde_json::from_slice(&envelope).unwrap();
    envelope["path"] = json!(path);
    envelope["headers"] = json!({});
    envelope["queryStringParameters"] = Value::Null;
    envelope["multiValueHeaders"]["Authorization"] = json!(["Bearer reader"]);
    envelope["multiValueHeaders"]["Accept"] = json!([accept]);
    envelope["multiValueQueryStringParameters"] =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    let request = lambda_http::request::from_str(&envelope.to_string()).unwrap();
    bench.runtime.block_on(query.handle(request))
}

/// Its status and JSON.
fn get(bench: &Bench, path: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
    let answer = asked(bench, path, parameters, "application/json");
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

fn found(bench: &Bench, path: &str, parameters: &[(&str, &str)]) -> Value {
    let (status, answer) = get(bench, path, parameters);
    assert_eq!(status, 200, "{path} {parameters:?}: {answer}");
    answer
}

/// What an answer's items come to in all.
fn total(stats: &Value, of: &str) -> f64 {
    stats["items"].as_array().unwrap().iter().filter_map(|item| item[of].as_f64()).sum()
}

fn calls(bench: &Bench) -> Vec<Record> {
    let ended = bench.ended().into_iter();
    ended.filter(|record| matches!(record.outcome, Disposition::Call(_))).collect()
}

#[test]
fn the_counts_are_a_recount_of_the_records_however_they_are_grouped() {
    let bench = with_an_hour();
    let (ended, calls) = (bench.ended(), calls(&bench));
    let talked: f64 = calls.iter().filter_map(|record| record.talk_seconds).sum();
    for group in ["", "provider", "direction,outcome", "class", "family", "provider,direction,outcome,class,family"] {
        for by in ["", "hour", "day"] {
            let parameters: Vec<_> =
                [("group", group), ("by", by)].into_iter().filter(|(_, value)| !value.is_empty()).collect();
            let stats = found(&bench, "/stats", &parameters);
            assert_eq!(total(&stats, "calls"), calls.len() as f64, "{stats}");
            assert_eq!(total(&stats, "messages"), (ended.len() - calls.len()) as f64, "{stats}");
            assert!((total(&stats, "talkSeconds") - talked).abs() < 0.01, "{stats}");
            let talks = stats["items"].as_array().unwrap().iter().map(|item| item["talkSeconds"].to_string());
            let decimals = |talk: String| talk.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            assert!(talks.map(decimals).all(|decimals| decimals <= 3), "{stats}");
            let events = if ["", "family"].contains(&group) { bench.events.len() } else { 0 };
            assert_eq!(total(&stats, "events"), events as f64, "{stats}");
        }
    }
    let mut expected = BTreeMap::<String, u64>::new();
    calls.iter().for_each(|record| *expected.entry(record.outcome.to_string()).or_default() += 1);
    let stats = found(&bench, "/stats", &[("group", "outcome")]);
    for (outcome, number) in &expected {
        let of = |item: &&Value| item["outcome"] == json!(outcome);
        assert_eq!(stats["items"].as_array().unwrap().iter().find(of).unwrap()["calls"], *number, "{stats}");
    }
    let all = &found(&bench, "/stats", &[])["items"][0];
    let share = expected["answered"] as f64 / calls.len() as f64;
    assert!((all["answeredShare"].as_f64().unwrap() - share).abs() < 0.0001, "{all}");
}

#[test]
fn the_counts_say_how_far_they_are() {
    let bench = Bench::new();
    assert_eq!(found(&bench, "/stats", &[])["countedTo"], Value::Null);
    begin_counting(&bench, ago(60));
    let before: Timestamp = found(&bench, "/stats", &[])["countedTo"].as_str().unwrap().parse().unwrap();
    tick(&bench);
    let after: Timestamp = found(&bench, "/stats", &[])["countedTo"].as_str().unwrap().parse().unwrap();
    assert!(before <= ago(60) && after > before + SignedDuration::from_mins(40), "{before} {after}");
    // No row of a file says it: a header does.
    let file = asked(&bench, "/stats", &[], "text/csv");
    assert_eq!(file.headers()["trunkline-counted-to"], after.to_string());
}

#[test]
fn an_entity_is_counted_by_its_records() {
    let bench = with_an_hour();
    for entity in ["sip_domain:example.com", "sip_user:user0@example.com"] {
        let concerned = |record: &&Record| record.entities.iter().any(|pair| pair.entity.to_string() == entity);
        let number = calls(&bench).iter().filter(concerned).count();
        assert!(number > 0);
        let stats = found(&bench, "/stats", &[("entity", entity), ("group", "outcome")]);
        assert_eq!(total(&stats, "calls"), number as f64, "{stats}");
        assert_eq!((&stats["countedTo"], &stats["records"]["readTo"]), (&Value::Null, &stats["from"]), "{stats}");
    }
}

#[test]
fn who_fails_most_is_named_and_how_many_records_were_looked_at() {
    let bench = with_an_hour();
    let failed: Vec<_> = calls(&bench).into_iter().filter(|record| record.failure.is_some()).collect();
    let top = found(&bench, "/stats/top", &[]);
    assert_eq!(top["records"], json!({"number": failed.len(), "readTo": top["from"]}));
    let numbers: Vec<_> = top["items"].as_array().unwrap().iter().map(|item| item["calls"].as_u64().unwrap()).collect();
    assert!(!numbers.is_empty() && numbers.is_sorted_by(|one, next| one >= next), "{top}");
    let first = &top["items"][0]["scope"];
    let of = |record: &&Record| {
        record.own.iter().any(|own| {
            first.as_str().unwrap().ends_with(
                &own.entity.domain().map_or_else(|| own.entity.value().to_owned(), |domain| domain.to_string()),
            )
        })
    };
    assert_eq!(numbers[0], failed.iter().filter(of).count() as u64, "{top}");
    let one = found(&bench, "/stats/top", &[("limit", "1"), ("class", "any")]);
    assert_eq!(one["items"], json!([top["items"][0]]));
}

#[test]
fn what_can_not_be_counted_is_400_and_says_what_can() {
    let bench = Bench::new();
    for (path, name, value, works) in [
        ("/stats", "group", "provider,colour", "provider, direction, outcome, class, family"),
        ("/stats", "by", "week", "hour, day"),
        ("/stats", "from", "2020-01-01T00:00:00Z", "give a later one"),
        ("/stats", "from", "2999-01-01T00:00:00Z", "give an earlier one"),
        ("/stats", "class", "busy", "known are from, to, by, group, entity, plan"),
        ("/stats/top", "class", "none", "known are insufficient_balance"),
        ("/stats/top", "limit", "101", "1 to 100"),
        ("/stats/top", "by", "hour", "known are from, to, class, limit"),
    ] {
        let (status, problem) = get(&bench, path, &[(name, value)]);
        let detail = problem["detail"].as_str().unwrap();
        assert!(status == 400 && detail.contains(name) && detail.contains(works), "{path} {name}: {problem}");
    }
}
