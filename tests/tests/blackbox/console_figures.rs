//! The console's figures: each leads to a list that has exactly that many.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use console::{Console, ConsoleSettings};
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use tests::samples::folder;

use super::counts::with_an_hour;
use super::indexed::{Bench, aws, reading};

/// A page of the console over the bench's database, at an address below `/console`.
fn page(bench: &Bench, console: &Console, address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let envelope = std::fs::read(folder().join("envelopes/query-get.json")).unwrap();
    let mut envelope: Value = serde_json::from_slice(&envelope).unwrap();
    envelope["path"] = json!(path);
    envelope["headers"] = json!({});
    envelope["queryStringParameters"] = Value::Null;
    envelope["multiValueHeaders"]["Cookie"] = json!([format!("trunkline={}", URL_SAFE_NO_PAD.encode("reader"))]);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let decoded = |text: &str| text.replace("%2B", "+");
    let parameters: Map<String, Value> =
        pairs.map(|(name, value)| (name.to_owned(), json!([decoded(value)]))).collect();
    envelope["multiValueQueryStringParameters"] = Value::Object(parameters);
    let request = lambda_http::request::from_str(&envelope.to_string()).unwrap();
    let answer = bench.runtime.block_on(console.handle(request));
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{address}: {text}");
    text
}

/// The rows of a list, all its pages.
fn rows(bench: &Bench, console: &Console, address: &str) -> usize {
    let next = Regex::new("rel=\"next\" href=\"(\\?[^\"]+)\"").unwrap();
    let (mut address, mut number) = (format!("{address}&limit=100"), 0);
    loop {
        let shown = page(bench, console, &address);
        number += shown.matches("<tr data-id=").count();
        let Some(link) = next.captures(&shown) else { return number };
        address = format!("{}{}", address.split('?').next().unwrap(), link[1].replace("&amp;", "&"));
    }
}

#[test]
fn each_figure_leads_to_a_list_that_has_exactly_that_many() {
    let bench = with_an_hour();
    let console = Console::new(ConsoleSettings::read(&reading).unwrap(), &aws(bench.database.url()));
    let figure = Regex::new("<a href=\"(console/[^\"]+)\"(?: aria-label=\"([0-9]+) events\"|>([0-9]+)<)").unwrap();
    let mut checked = [0, 0];
    for view in ["/console", "/console?last=7d"] {
        let shown = page(&bench, &console, view);
        for found in figure.captures_iter(&shown) {
            let number: usize = found.get(2).or(found.get(3)).unwrap().as_str().parse().unwrap();
            let address = format!("/{}", found[1].replace("&amp;", "&"));
            assert_eq!(rows(&bench, &console, &address), number, "{view}: {address}");
            checked[usize::from(address.starts_with("/console/events"))] += 1;
        }
    }
    assert!(checked.iter().all(|number| *number > 3), "{checked:?} figures were found");
}
