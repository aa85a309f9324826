//! The API over what is played: the messages that people were told, as it lists and shows them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;
use lambda_http::{Body, RequestExt as _};
use query::{Query, QuerySettings};
use serde_json::{Value, json};
use shared::access::TokenDigest;
use tests::stack::{self, READ_TOKEN};

use super::indexed::aws;
use super::played::Play;

/// The API over what is played.
pub(super) struct Api<'p> {
    play: &'p Play,
    query: Query,
}

impl<'p> Api<'p> {
    pub(super) fn of(play: &'p Play) -> Self {
        let digest = TokenDigest::of(READ_TOKEN).to_string();
        let lookup = |name: &str| match name {
            "EVENTS_TABLE" => Some("EventsTable".to_owned()),
            "ALERTS_TABLE" => Some("AlertsTable".to_owned()),
            "READ_TOKEN_DIGESTS" => Some(digest.clone()),
            _ => None,
        };
        Self { query: Query::new(QuerySettings::read(&lookup).unwrap(), &aws(play.bench.database.url())), play }
    }

    pub(super) fn get(&self, path: &str) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let parameters: HashMap<_, _> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let request = lambda_http::http::Request::get(path).header("authorization", stack::bearer(READ_TOKEN));
        let request = request.body(Body::Empty).unwrap().with_raw_http_path(path);
        let answer =
            self.play.bench.runtime.block_on(self.query.handle(request.with_query_string_parameters(parameters)));
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
    }

    /// All pages of what stands under that name.
    pub(super) fn all(&self, path: &str, name: &str) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let (status, page) = self.get(&format!("{path}{cursor}"));
            assert_eq!(status, 200, "{page}");
            all.extend(page[name].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    }

    /// The messages, the first first.
    pub(super) fn alerts(&self) -> Vec<Value> {
        let all = self.all("/alerts?limit=2", "items");
        let from = self.play.now - SignedDuration::from_hours(24);
        let mut upwards = self.all(&format!("/alerts?limit=3&order=asc&from={from}"), "items");
        upwards.reverse();
        assert_eq!(all, upwards);
        all.into_iter().rev().collect()
    }

    /// The ids of the calls that a message tells of.
    pub(super) fn failed(&self, alert: &Value) -> BTreeSet<String> {
        let all = self.all(&format!("/alerts/{}?limit=7", text(alert, "id")), "failed");
        assert!(all.iter().all(|failed| failed["subject"] == "call"), "{all:?}");
        let ids: BTreeSet<_> = all.iter().map(|failed| text(failed, "id").to_owned()).collect();
        assert_eq!(ids.len(), all.len(), "each once: {all:?}");
        ids
    }

    pub(super) fn alert_of(&self, call: &str) -> Value {
        let (status, mut found) = self.get(&format!("/calls/{call}"));
        assert_eq!(status, 200, "{found}");
        found["alert"].take()
    }

    /// Each message says what people were told, and each call that one tells of names it.
    pub(super) fn hold_together(&self) -> Vec<Value> {
        let alerts = self.alerts();
        let mails = self.play.mails().into_iter();
        let mut mails: Vec<_> = mails.map(|mail| (mail.subject.clone(), mail.text.clone())).collect();
        let mut listed = Vec::new();
        for alert in &alerts {
            let (_, whole) = self.get(&format!("/alerts/{}", text(alert, "id")));
            listed.push((text(&whole, "subject").to_owned(), text(&whole, "text").to_owned()));
            assert!(alert.as_object().unwrap().iter().all(|(name, value)| whole[name] == *value), "{whole}");
            let failed = self.failed(alert);
            if text(alert, "state") != "over" {
                assert_eq!(json!(failed.len()), alert["failures"], "{whole}");
            }
            for call in failed {
                assert_eq!(self.alert_of(&call), *alert, "{call}");
            }
        }
        mails.sort();
        listed.sort();
        assert_eq!(listed, mails);
        let chats = self.play.chats.iter().map(|chat| (&chat["id"], &chat["metadata"]["threadId"]));
        let chats: BTreeMap<_, _> = chats.map(|(id, thread)| (id.to_string(), thread)).collect();
        let threads = alerts.iter().map(|alert| (alert["id"].to_string(), &alert["incident"]));
        assert_eq!(chats, threads.collect(), "each in the thread of its incident");
        assert_eq!(self.play.chats.len(), alerts.len(), "each once");
        alerts
    }
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
