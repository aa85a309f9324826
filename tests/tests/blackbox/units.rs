//! What a delivery costs, in the write units that the database reports.

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
        "what nobody is told costs nothing there: {table}"
    );
}
