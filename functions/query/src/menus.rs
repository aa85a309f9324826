//! What became of callers in attendant menus, counted from the events of menus that a time has: bounded, from the last on.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use shared::entity::Entity;
use shared::event::{Details, Event, Side};
use shared::key::Partition;
use shared::name::{Family, Status};
use shared::store::list::EventFilter;

use crate::lists::ListQuery;
use crate::stats::LookedAt;
use crate::{QueryError, Views};

/// As many pages are read, and no further one after that time.
const PAGES: usize = 20;
const TIME: Duration = Duration::from_secs(4);

/// What became of the callers in each menu.
#[derive(Debug)]
pub struct Menus {
    /// The menus, the one that most callers came to first.
    pub items: Vec<MenuSums>,
    /// The events that were looked at.
    pub events: LookedAt,
}

/// What became of the callers in a menu.
#[derive(Debug, Default, PartialEq)]
pub struct MenuSums {
    /// The menu; None where its address is none.
    pub menu: Option<Entity>,
    /// How often it began.
    pub started: u64,
    /// Who was sent on, by what they entered, most first.
    pub transferred: Vec<(String, u64)>,
    /// What was entered that is no entry, most first.
    pub invalid: Vec<(String, u64)>,
    /// Who hung up in it.
    pub abandoned: u64,
    /// After how many seconds half of those who hung up had; None where nobody tells.
    pub half_gone: Option<f64>,
    /// After how many seconds the last of them had.
    pub all_gone: Option<f64>,
}

impl Views {
    /// What became of callers in menus, from the events of menus that the query leaves.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn menus(&self, mut asked: ListQuery<EventFilter>, now: Timestamp) -> Result<Menus, QueryError> {
        asked.filter.family = Some(Family::App);
        let (mut events, mut read_to, until) = (Vec::new(), None, Instant::now() + TIME);
        for _ in 0..PAGES {
            let page = self.store.list(&asked.filter, &asked.page, now).await?;
            events.extend(page.items);
            (read_to, asked.page.after) = (page.read_to, page.next);
            if asked.page.after.is_none() || Instant::now() > until {
                break;
            }
        }
        Ok(Menus { events: LookedAt { number: events.len(), read_to }, items: sums(events) })
    }
}

/// What is counted of a menu.
#[derive(Default)]
struct Counting {
    started: u64,
    transferred: BTreeMap<String, u64>,
    invalid: BTreeMap<String, u64>,
    abandoned: u64,
    waited: Vec<f64>,
}

fn sums(mut events: Vec<Event>) -> Vec<MenuSums> {
    events.sort_by_key(|event| event.occurred_at().unwrap_or(event.received_at));
    let mut menus = BTreeMap::<Option<Entity>, Counting>::new();
    // Since when each caller is in a menu: the last that began.
    let mut since = HashMap::<Partition, Timestamp>::new();
    for event in &events {
        let (call, at) = (event.id.partition(), event.occurred_at());
        menus.entry(event.on(Side::To).cloned()).or_default().take(event, since.get(call).copied());
        if event.status == Status::Started {
            since.extend(at.map(|at| (call.clone(), at)));
        }
    }
    let mut sums: Vec<_> = menus.into_iter().map(|(menu, counting)| counting.sums(menu)).collect();
    sums.sort_by_key(|sums| std::cmp::Reverse(sums.started));
    sums
}

impl Counting {
    fn take(&mut self, event: &Event, since: Option<Timestamp>) {
        let entry = match &event.details {
            Some(Details::Menu(menu)) => menu.entry.clone().unwrap_or_default(),
            _ => String::new(),
        };
        match event.status {
            Status::Started => self.started += 1,
            Status::Transferred => *self.transferred.entry(entry).or_default() += 1,
            Status::Ended => {
                self.abandoned += 1;
                let waited = event.occurred_at().zip(since).map(|(at, since)| at.duration_since(since).as_secs_f64());
                self.waited.extend(waited.filter(|seconds| *seconds >= 0.0));
            }
            _ => *self.invalid.entry(entry).or_default() += 1,
        }
    }

    fn sums(mut self, menu: Option<Entity>) -> MenuSums {
        self.waited.sort_by(f64::total_cmp);
        MenuSums {
            menu,
            started: self.started,
            transferred: most_first(self.transferred),
            invalid: most_first(self.invalid),
            abandoned: self.abandoned,
            half_gone: self.waited.get(self.waited.len().saturating_sub(1) / 2).copied(),
            all_gone: self.waited.last().copied(),
        }
    }
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    counts
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use shared::event::{Menu, Party};
    use shared::key::EventId;

    use super::*;

    fn event(call: &str, second: u8, status: Status, entry: Option<&str>) -> Event {
        let id: EventId =
            format!("onsip.call.{call}~20261102T1640{second:02}000000Z~aaaaaaaaaaaaaaaaaaaaaa").parse().unwrap();
        let menu = "menu:menu@example.onsip.com".parse().unwrap();
        Event {
            id,
            content: None,
            provider_id: None,
            family: Family::App,
            kind: "app.attendant-menu".to_owned(),
            reached_at: None,
            answered_at: None,
            received_at: Timestamp::UNIX_EPOCH,
            leg: None,
            thread: None,
            children: Vec::new(),
            from: None,
            to: Some(Party { raw: "x".to_owned(), entity: Some(menu), domain: None }),
            others: Vec::new(),
            own: Vec::new(),
            account: None,
            status,
            failure: None,
            cause: None,
            details: Some(Details::Menu(Menu { entry: entry.map(str::to_owned), refer_to: None })),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn callers_are_counted_by_what_became_of_them() {
        let events = vec![
            event("a", 1, Status::Started, None),
            event("a", 5, Status::Info, Some("9")),
            event("a", 9, Status::Transferred, Some("1")),
            event("b", 2, Status::Started, None),
            event("b", 8, Status::Transferred, Some("2")),
            event("c", 3, Status::Started, None),
            event("c", 4, Status::Transferred, Some("1")),
        ];
        let sums = sums(events);
        assert_eq!(sums.len(), 1);
        let counted = |counts: &[(String, u64)]| format!("{counts:?}");
        assert_eq!(sums.iter().map(|sums| (sums.started, sums.abandoned)).collect::<Vec<_>>(), [(3, 0)]);
        assert_eq!(counted(&sums.first().unwrap().transferred), r#"[("1", 2), ("2", 1)]"#);
        assert_eq!(counted(&sums.first().unwrap().invalid), r#"[("9", 1)]"#);
    }

    #[test]
    fn the_time_to_abandonment_is_that_since_the_menu_began_in_whatever_order_the_events_came() {
        let abandoned =
            |call, begun, left| vec![event(call, left, Status::Ended, None), event(call, begun, Status::Started, None)];
        let mut events = [abandoned("a", 1, 5), abandoned("b", 1, 11), abandoned("c", 1, 31)].concat();
        events.push(event("d", 40, Status::Ended, None));
        let sums = sums(events);
        let sums = sums.first().unwrap();
        assert_eq!((sums.abandoned, sums.half_gone, sums.all_gone), (4, Some(10.0), Some(30.0)));
    }
}
