//! What a delivery costs, in the write units that the database reports.

use serde_json::Value;
use tests::proxy::{Exchange, Proxy};
use tests::stack::{self, Stack};
use tests::units;

#[test]
fn an_event_takes_one_unit_in_the_table_and_one_in_each_index_and_a_full_leg_two() {
    let all = units::measure();
    let table = units::markdown(&all);
    assert!(all.len() > 50);
    for units in &all {
        let most = if units.sample.starts_with("onsip") { 1.0 } else { 2.0 };
        assert!((1.0..=most).contains(&units.event), "{}: {table}", units.sample);
        assert!(units.indexes.values().all(|index| *index == 1.0), "{}: {table}", units.sample);
        assert!(units.indexes.contains_key("day"), "{}: {table}", units.sample);
        // A row has a place in one index, or in none.
        assert!(units.further <= 2.0 * units.rows as f64, "{}: {table}", units.sample);
    }
    let alerted = |name: &str| all.iter().find(|units| units.sample == name).unwrap().alerts;
    assert!(alerted("opentact-call_state-in-failed-insufficient-balance") > 0.0, "{table}");
    assert!(
        alerted("opentact-call_state-in-destroyed-busy") == 0.0,
        "what is not alerted costs nothing there: {table}"
    );
}

#[test]
fn a_page_reads_no_more_rows_when_four_times_as_much_is_stored() {
    let proxy = Proxy::start();
    let stack = Stack::with_store_behind(&proxy);
    proxy.meter();
    let deliver = |events: std::ops::Range<usize>| {
        for event in events {
            let answer = stack.post("/webhooks/onsip/call", stack::onsip("call.dialog.failed", &event.to_string()));
            assert_eq!(answer.json()["status"], "stored", "{answer:?}");
        }
    };
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let lists = ["entity=sip_user:alice@example.onsip.com", "entity=sip_domain:example.onsip.com", "failure=unknown"];
    let lists = lists.into_iter().map(str::to_owned).chain([format!("day={day}"), format!("day={day}&family=call")]);
    let read = |list: &String| {
        let before = proxy.metered();
        let page = stack.read(&format!("/events?{list}&limit=5")).json();
        assert_eq!(page["items"].as_array().unwrap().len(), 5, "{list}: {page}");
        // Meanwhile `index` reads partitions of the table itself, and counts, without a limit; `notify` looks at what ended.
        let ended = |request: &Value| request["ExpressionAttributeValues"][":key"].to_string().contains("ended-");
        let of_list = |Exchange { operation, request, .. }: &Exchange| {
            operation == "Query" && !request["IndexName"].is_null() && !request["Limit"].is_null() && !ended(request)
        };
        let queries = proxy.metered_since(before).into_iter().filter(of_list);
        queries.map(|query| query.answer["ScannedCount"].as_u64().unwrap()).sum::<u64>()
    };
    let lists: Vec<_> = lists.collect();
    // Enough that each shard has more than a page reads of it.
    deliver(0..200);
    let few: Vec<_> = lists.iter().map(read).collect();
    deliver(200..800);
    let many: Vec<_> = lists.iter().map(read).collect();
    assert_eq!(few, many, "{lists:?}");
}
