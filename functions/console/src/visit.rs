//! A request of somebody who is signed in: who, where, with which filters, and when.

use jiff::Timestamp;
use shared::access::{KnownToken, Right};

use crate::filters::Filters;
use crate::route::{Access, Route};

/// A request of somebody who is signed in.
pub(crate) struct Visit<'v> {
    pub(crate) route: Route<'v>,
    pub(crate) by: &'v KnownToken,
    pub(crate) filters: Filters,
    pub(crate) now: Timestamp,
}

impl Visit<'_> {
    /// The address of a route as seen from here.
    pub(crate) fn to(&self, route: Route<'_>) -> String {
        format!("{}{}", self.route.up(), route.address())
    }

    /// The address of a route with filters.
    pub(crate) fn to_filtered(&self, route: Route<'_>, filters: &Filters) -> String {
        format!("{}{}", self.to(route), filters.href())
    }

    /// Whether whoever looks may see that route.
    pub(crate) fn may_see(&self, route: Route<'_>) -> bool {
        match route.access() {
            Access::Reader(right) => self.may(right),
            Access::Open | Access::SignedIn => true,
        }
    }

    /// Whether whoever looks has that right.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.by.has(right)
    }
}
