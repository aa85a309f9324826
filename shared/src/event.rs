//! The event: what one delivery says, in the words that all providers share.

mod details;
mod own;
mod view;

use jiff::Timestamp;

use crate::address::{Host, is_withheld};
use crate::entity::{Category, Entity, Pair};
use crate::failure::{Cause, Failure};
use crate::key::{CallId, EventId, Partition};
use crate::name::{Direction, Family, Provider, Status};
use crate::text::cut;

pub use self::details::{Balance, Details, Media, Menu, Message, Order, Recording, Rejected};
pub use self::own::{Own, Side};

/// The type of an operator's test delivery, which no provider sends. It is stored like any other and alerts nobody.
pub const TRIAL: &str = "trunkline.test";

/// One party of a call or message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// As the provider wrote it, at most `MAX_RAW` bytes.
    pub raw: String,
    /// Who that is, if it can be told.
    pub entity: Option<Entity>,
    /// The customer's SIP domain that the party belongs to.
    pub domain: Option<Host>,
}

/// The most bytes of a party's own writing that are kept beside the body.
const MAX_RAW: usize = 256;

impl Party {
    /// A party of which nothing is known but how it was written.
    #[must_use]
    pub fn unknown(raw: &str) -> Self {
        Self { raw: cut(raw, MAX_RAW).to_owned(), entity: None, domain: None }
    }

    /// What it is found by: who it is, and its domain.
    pub(crate) fn entities(&self) -> impl Iterator<Item = Entity> {
        self.entity.iter().cloned().chain(self.domain.as_ref().map(Entity::sip_domain))
    }

    /// Whether it says only that it does not say who it is.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.entity.is_none() && is_withheld(&self.raw)
    }
}

/// The leg of a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Leg {
    /// The provider's id of it.
    pub id: String,
    /// Seen from the platform; None where the provider does not say.
    pub direction: Option<Direction>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Our id.
    pub id: EventId,
    /// The digest of everything that makes the content, where the identity alone does not; see `provider`.
    pub content: Option<String>,
    /// The provider's id of the event, of the message or of the leg.
    pub provider_id: Option<String>,
    /// The family.
    pub family: Family,
    /// The type, as the provider names it.
    pub kind: String,
    /// When it happened, where the delivery says that apart from when the event was made: the id holds the latter.
    pub reached_at: Option<Timestamp>,
    /// When its leg was answered, where the event of the end says that.
    pub answered_at: Option<Timestamp>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The leg that it happened on.
    pub leg: Option<Leg>,
    /// What joins its leg to others of the call where no parent is named.
    pub thread: Option<Partition>,
    /// The calls of the legs that its leg names as its children.
    pub children: Vec<Partition>,
    /// The calling or sending party.
    pub from: Option<Party>,
    /// The called or receiving party.
    pub to: Option<Party>,
    /// What else it concerns: the numbers of an order, a number beside a user.
    pub others: Vec<Pair>,
    /// Those of its entities that are the customer's; empty where nothing tells.
    pub own: Vec<Own>,
    /// The account that it happened in. A call or a message is not found by it: one account has them all.
    pub account: Option<Entity>,
    /// What came of it.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The code that came with an end, also with an ordinary one.
    pub cause: Option<Cause>,
    /// What it says beyond that, as a list shows it: [`crate::provider::details`] reads the whole from the body.
    pub details: Option<Details>,
    /// What is odd about the delivery.
    pub warnings: Vec<String>,
}

impl Event {
    /// Whose event it is.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.id.partition().provider()
    }

    /// When it happened, as far as the delivery tells.
    #[must_use]
    pub fn occurred_at(&self) -> Option<Timestamp> {
        self.reached_at.or(self.id.occurred_at())
    }

    /// The call that it belongs to.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        self.id.partition().clone().try_into().ok()
    }

    /// Every entity it concerns, each with its category.
    #[must_use]
    pub fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (party, category) in [(&self.from, self.sending()), (&self.to, self.receiving())] {
            let (Some(party), Some(category)) = (party, category) else {
                continue;
            };
            pairs.extend(party.entities().map(|entity| Pair { entity, category }));
        }
        for other in &self.others {
            pairs.push(other.clone());
            let domain = other.entity.domain().as_ref().map(Entity::sip_domain);
            pairs.extend(domain.map(|entity| Pair { entity, category: other.category }));
        }
        let mut seen = std::collections::BTreeSet::new();
        pairs.retain(|pair| seen.insert(pair.clone()));
        pairs
    }

    /// The category of the party that calls or sends.
    fn sending(&self) -> Option<Category> {
        match self.family {
            Family::Call => Some(Category::OutboundCall),
            Family::Sms => Some(Category::OutboundSms),
            Family::App => Some(Category::Menu),
            Family::Account | Family::Other => None,
        }
    }

    /// The category of the party that is called or receives.
    fn receiving(&self) -> Option<Category> {
        match self.family {
            Family::Call => Some(Category::InboundCall),
            Family::Sms => Some(Category::InboundSms),
            Family::App => Some(Category::Menu),
            Family::Account | Family::Other => None,
        }
    }
}
