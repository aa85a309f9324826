//! Events as the API and the topics show them: JSON derived from these fields, in this order.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{Details, Event, Leg, Own, Party};
use crate::entity::{Entity, Pair};
use crate::failure::{Cause, Failure};
use crate::key::{CallId, EventId};
use crate::name::{Family, Provider, Status};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventView<'e> {
    id: &'e EventId,
    provider: Provider,
    provider_id: Option<&'e str>,
    family: Family,
    #[serde(rename = "type")]
    kind: &'e str,
    occurred_at: Option<Timestamp>,
    received_at: Timestamp,
    call: Option<CallId>,
    leg: Option<&'e Leg>,
    from: Option<&'e Party>,
    to: Option<&'e Party>,
    entities: Vec<Pair>,
    own: &'e [Own],
    account: Option<&'e Entity>,
    status: Status,
    failure: Option<&'e Failure>,
    cause: Option<Cause>,
    details: Option<&'e Details>,
    warnings: &'e [String],
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = EventView {
            id: &self.id,
            provider: self.provider(),
            provider_id: self.provider_id.as_deref(),
            family: self.family,
            kind: &self.kind,
            occurred_at: self.occurred_at(),
            received_at: self.received_at,
            call: self.call(),
            leg: self.leg.as_ref(),
            from: self.from.as_ref(),
            to: self.to.as_ref(),
            entities: self.pairs(),
            own: &self.own,
            account: self.account.as_ref(),
            status: self.status,
            failure: self.failure.as_ref(),
            cause: self.cause,
            details: self.details.as_ref(),
            warnings: &self.warnings,
        };
        view.serialize(serializer)
    }
}

#[derive(Serialize)]
struct PartyView<'e> {
    entity: Option<&'e Entity>,
    raw: &'e str,
    /// Written only where it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<bool>,
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let withheld = self.is_withheld().then_some(true);
        PartyView { entity: self.entity.as_ref(), raw: &self.raw, withheld }.serialize(serializer)
    }
}
