//! Which partitions the traffic falls on: events as platforms send them, items as the store builds them, and the write units
//! that each partition key of the table and of every index is asked for in a second. A partition takes 1,000; half of that is
//! the most that the busiest may need, so that a busier second than most still fits. A user's or a number's own key is not
//! split: the traffic here has no single one that takes a thousand events a second.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::event::Event;
use shared::name::Family;
use shared::store::item::{self, INDEXES, Item, PROJECTED};
use shared::store::list::EventFilter;
use shared::store::{IndexKey, Retention, Shards, pointer};

use crate::error::{BenchError, While as _};
use crate::product;
use crate::traffic::{BUSY_DOMAIN, BUSY_NAME, Traffic, template};

/// Events a second.
const RATES: [u32; 2] = [1_000, 10_000];
/// How long the traffic is looked at, in seconds: a call's events fall into three of them.
const SECONDS: u32 = 4;
/// The most write units a second that a partition key may be asked for.
const AT_MOST: u32 = 500;
/// Events a second for which one shard is advised, and the shards that are there anyway: as the template's parameter says.
const A_SHARD: u32 = 400;
const DEFAULT: u32 = 4;

/// The day of the traffic.
const DAY: &str = "2026-11-02";

/// A write unit holds that many bytes of an item.
const UNIT: usize = 1024;

/// The shards that the parameter's description advises.
fn advised(rate: u32) -> u32 {
    rate.div_ceil(A_SHARD).max(DEFAULT)
}

/// Write units by partition key, for the table and each index.
#[derive(Debug, Default)]
struct Load(HashMap<&'static str, HashMap<String, usize>>);

impl Load {
    fn add(&mut self, place: &'static str, key: String, units: usize) {
        *self.0.entry(place).or_default().entry(key).or_default() += units;
    }

    /// The rows of an event, as `index` writes them.
    fn event(&mut self, event: &Event, item: &Item, shards: Shards) {
        self.row(item);
        pointer::rows(event, shards, None).iter().for_each(|row| self.row(row));
    }

    fn row(&mut self, row: &Item) {
        self.add("table", text(row, "pk"), units(row));
        for index in INDEXES.into_iter().filter(|index| row.contains_key(*index)) {
            let keys = ["pk", "sk", item::SEEN, index];
            let projected =
                row.iter().filter(|(name, _)| keys.contains(&name.as_str()) || PROJECTED.contains(&name.as_str()));
            let projected = projected.map(|(name, value)| (name.clone(), value.clone())).collect();
            self.add(index, text(row, index), units(&projected));
        }
    }

    /// The key that is asked for most, and its units.
    fn busiest(&self, place: &str) -> Option<(&str, usize)> {
        let keys = self.0.get(place)?.iter().map(|(key, units)| (key.as_str(), *units));
        keys.max_by_key(|(_, units)| *units)
    }
}

fn text(row: &Item, name: &str) -> String {
    row.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

fn units(row: &Item) -> usize {
    item::size(row).div_ceil(UNIT)
}

/// Simulates all rates, and fails where a key is asked for too much.
pub(crate) fn simulate() -> Result<String, BenchError> {
    let advice = format!("one for every {A_SHARD} events a second, {DEFAULT} at least");
    if !template()?.contains(&advice) {
        return Err(BenchError::new("reading the parameter Shards", format!("template.yaml does not say: {advice}")));
    }
    let mut lines = vec![
        format!(
            "Write units a second of the busiest key, {BUSY_DOMAIN}% of all calls in one domain; at most {AT_MOST}:\n"
        ),
        format!("| events a second | shards | table | {} |", INDEXES.join(" | ")),
        format!("|---:|---:|---:|{}", "---:|".repeat(INDEXES.len())),
    ];
    let mut over = Vec::new();
    for rate in RATES {
        let load = load(rate, advised(rate))?;
        let places = ["table"].into_iter().chain(INDEXES);
        let busiest: Vec<_> = places.map(|place| load.busiest(place).unwrap_or_default()).collect();
        let cells = busiest.iter().map(|(_, units)| format!("{:.1}", a_second(*units)));
        lines.push(format!("| {rate} | {} | {} |", advised(rate), cells.collect::<Vec<_>>().join(" | ")));
        let above = busiest.iter().filter(|(_, units)| a_second(*units) >= f64::from(AT_MOST));
        over.extend(above.map(|(key, units)| format!("{key} is asked for {:.0} at {rate} events", a_second(*units))));
    }
    lines.push(rows_read(&load(RATES[0], DEFAULT)?)?);
    let text = lines.join("\n");
    if over.is_empty() { Ok(text) } else { Err(BenchError::new("simulating", format!("{}\n{text}", over.join("; ")))) }
}

/// How many events are stored, as powers of ten.
const STORED: [u32; 3] = [4, 6, 8];
/// The elements of a page.
const PAGE: f64 = 100.0;

/// The rows that the first page of a list reads, with the same traffic going on until so many events are stored.
fn rows_read(load: &Load) -> Result<String, BenchError> {
    let of_entity = |entity| EventFilter { entity: Some(entity), ..EventFilter::default() };
    let entity = |index: &str| {
        let (key, _) = load.busiest(index).while_doing("looking for the busiest entity")?;
        key.parse().while_doing("reading an entity").map(of_entity)
    };
    let domain = format!("sip_domain:{BUSY_NAME}").parse().while_doing("reading an entity")?;
    let lists = [
        ("the busy domain", of_entity(domain)),
        ("the busiest user", entity("from_party")?),
        ("the busiest number", entity("to_party")?),
        ("a day's calls", EventFilter { family: Some(Family::Call), ..EventFilter::default() }),
    ];
    let shards = DEFAULT.to_string().parse().while_doing("taking the default number of shards")?;
    let day = DAY.parse().while_doing("reading a date")?;
    let events: usize = load.0.get("day").map(|keys| keys.values().sum()).unwrap_or_default();
    let mut lines = vec![
        format!("\nRows that the first page of {PAGE} reads, {DEFAULT} shards, by the number of stored events:\n"),
        format!("| list | {} |", STORED.map(|power| format!("10^{power}")).join(" | ")),
        format!("|---|{}", "---:|".repeat(STORED.len())),
    ];
    for (name, list) in lists {
        let read = |power: u32| {
            let stored = f64::from(10_u32.pow(power));
            let found = |source: IndexKey| {
                let rows = load.0.get(source.index).and_then(|keys| keys.get(&source.key)).copied().unwrap_or_default();
                (count(rows) / count(events) * stored).round().min(PAGE + 1.0)
            };
            list.place().sources(shards, day).into_iter().map(found).sum::<f64>()
        };
        lines.push(format!("| {name} | {} |", STORED.map(|power| read(power).to_string()).join(" | ")));
    }
    Ok(lines.join("\n"))
}

fn a_second(units: usize) -> f64 {
    count(units) / f64::from(SECONDS)
}

#[expect(clippy::cast_precision_loss, reason = "a count of some thousands")]
fn count(of: usize) -> f64 {
    of as f64
}

fn load(rate: u32, shards: u32) -> Result<Load, BenchError> {
    let shards: Shards = shards.to_string().parse().while_doing("taking the advised number of shards")?;
    let start: Timestamp = format!("{DAY}T16:00:00Z").parse().while_doing("reading a time")?;
    let (mut traffic, mut load) = (Traffic::new()?, Load::default());
    let mut events = 0;
    while events < rate * SECONDS {
        for delivery in traffic.call(start + jiff::SignedDuration::from_secs(i64::from(events / rate)))? {
            let event = product::event(&delivery)?;
            let item = item::of_event(&event, delivery.content(), shards, Retention::Forever);
            load.event(&event, &item, shards);
            events += 1;
        }
    }
    Ok(load)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn the_shards_that_the_template_advises_keep_every_key_below_half_of_what_a_partition_takes() {
        assert!(simulate().unwrap().contains("| 10000 | 25 |"));
    }

    #[test]
    fn a_page_reads_as_much_of_a_hundred_million_events_as_of_a_million() {
        let text = rows_read(&load(1_000, DEFAULT).unwrap()).unwrap();
        // Four shards in each of two indexes, of which the callers' has all; a row more than the page of each tells that there is more.
        assert!(text.contains("| the busy domain | 404 | 404 | 404 |"), "{text}");
        let rows: Vec<Vec<_>> = text.lines().skip(5).map(|line| line.split('|').collect()).collect();
        assert!(rows.len() == 4 && rows.iter().all(|cells| cells[3] == cells[4]), "{text}");
    }

    #[test]
    fn with_one_shard_the_busiest_key_is_over_it() {
        let load = load(1_000, 1).unwrap();
        assert!(a_second(load.busiest("day").unwrap().1) > f64::from(AT_MOST));
    }
}
