//! What is told of a call beside its legs: the caller's steps in menus, and recordings.

use jiff::Timestamp;
use serde::Serialize;

use crate::entity::Entity;
use crate::event::{Details, Event, Menu, Recording, Side};
use crate::key::EventId;
use crate::name::Family;

/// The types of the events that tell of a recording.
const RECORDED: [&str; 2] = ["call.recording.uploaded", "call_record"];

/// A step in an attendant menu.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MenuStep {
    /// The event that tells of it.
    pub event: EventId,
    /// What was done, as the provider names it.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub at: Option<Timestamp>,
    /// In which menu.
    pub menu: Option<Entity>,
    /// What it says beyond that.
    #[serde(flatten)]
    pub said: Menu,
}

/// A recording of a call.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// The event that tells of it.
    pub event: EventId,
    /// When it was there.
    pub at: Option<Timestamp>,
    /// Where it is.
    #[serde(flatten)]
    pub recording: Recording,
}

impl MenuStep {
    /// The step that an event tells of.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let said = match &event.details {
            Some(Details::Menu(menu)) => menu.clone(),
            _ => Menu::default(),
        };
        let step = |event: &Event| Self {
            event: event.id.clone(),
            kind: event.kind.clone(),
            at: event.occurred_at(),
            menu: event.on(Side::To).cloned(),
            said,
        };
        (event.family == Family::App).then(|| step(event))
    }
}

impl Recorded {
    /// The recording that an event tells of.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let recording = match &event.details {
            Some(Details::Recording(recording)) => recording.clone(),
            _ => Recording::default(),
        };
        let recorded = |event: &Event| Self { event: event.id.clone(), at: event.occurred_at(), recording };
        RECORDED.contains(&event.kind.as_str()).then(|| recorded(event))
    }
}
