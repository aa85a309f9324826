//! The invented day: which samples of `events/` make a conversation, and how long ago each conversation ended.

/// One delivery.
pub(crate) struct Sample {
    /// Where the provider posts it.
    pub(crate) route: &'static str,
    /// The body.
    pub(crate) text: &'static str,
}

/// Deliveries that belong together and keep their distances in time.
pub(crate) type Scene = &'static [Sample];

macro_rules! samples {
    ($route:literal: $($name:literal),+ $(,)?) => {
        &[$(Sample {
            route: concat!("/webhooks/", $route),
            text: include_str!(concat!("../../../events/", $name, ".json")),
        }),+]
    };
}

/// A call with both legs, answered after nine seconds and ended a minute later.
pub(crate) const ANSWERED: Scene = samples!["opentact/call":
    "opentact-call_state-in-init-answered",
    "opentact-call_state-in-ringing-answered",
    "opentact-call_state-out-init-answered",
    "opentact-call_state-out-ringing-answered",
    "opentact-call_state-out-live-answered",
    "opentact-call_state-in-live-answered",
    "opentact-call_state-out-hangup-answered",
    "opentact-call_state-in-hangup-answered",
    "opentact-call_state-out-destroyed-answered",
    "opentact-call_state-in-destroyed-answered",
];

const UNANSWERED: Scene = samples!["opentact/call":
    "opentact-call_state-in-init-no-answer",
    "opentact-call_state-in-ringing-no-answer",
    "opentact-call_state-in-live-no-answer",
    "opentact-call_state-out-init-no-answer",
    "opentact-call_state-out-ringing-no-answer",
    "opentact-call_state-out-hangup-no-answer",
    "opentact-call_state-out-destroyed-no-answer",
    "opentact-call_state-in-hangup-no-answer",
    "opentact-call_state-in-destroyed-no-answer",
];

const BUSY: Scene = samples!["opentact/call":
    "opentact-call_state-in-init-busy",
    "opentact-call_state-in-ringing-busy",
    "opentact-call_state-out-init-busy",
    "opentact-call_state-out-hangup-busy",
    "opentact-call_state-in-hangup-busy",
    "opentact-call_state-out-destroyed-busy",
    "opentact-call_state-in-destroyed-busy",
];

pub(crate) const OUT_OF_MONEY: Scene = samples!["opentact/call":
    "opentact-call_state-in-init-insufficient-balance",
    "opentact-call_state-in-failed-insufficient-balance",
];

/// A call that its carrier has no line for.
pub(crate) const CONGESTED: Scene = samples!["opentact/call": "opentact-call_state-out-hangup-congestion"];

pub(crate) const NOT_PERMITTED: Scene = samples!["opentact/call": "opentact-call_state-in-failed-not-permitted"];

pub(crate) const COLLEAGUES: Scene = samples!["onsip/call":
    "onsip-call.dialog.created",
    "onsip-call.dialog.confirmed",
    "onsip-call.dialog.terminated",
    "onsip-call.recording.uploaded",
];

const NOT_REACHED: Scene = samples!["onsip/call": "onsip-call.dialog.created-to-pstn", "onsip-call.dialog.failed"];

/// Through the menu to alice, after one entry that the menu does not know. One subscription sends it all to one URL.
pub(crate) const MENU: Scene = samples!["onsip/call":
    "onsip-call.dialog.created-menu-call",
    "onsip-call.dialog.confirmed-menu-call",
    "onsip-app.attendant-menu.started-menu-call",
    "onsip-app.attendant-menu.invalid-dtmf-menu-call",
    "onsip-app.attendant-menu.transferred-menu-call",
    "onsip-call.dialog.referred-menu-call",
    "onsip-call.dialog.created-menu-call-alice",
    "onsip-call.dialog.confirmed-menu-call-alice",
    "onsip-call.dialog.terminated-menu-call",
    "onsip-call.dialog.terminated-menu-call-alice",
    "onsip-call.recording.uploaded-menu-call",
];

const MENU_LEFT: Scene = samples!["onsip/app": "onsip-app.attendant-menu.abandoned"];

pub(crate) const SMS_SENT: Scene = samples!["opentact/sms":
    "opentact-sms-smso-created",
    "opentact-sms-smso-success",
    "opentact-sms-smso-success-delivered",
];

pub(crate) const SMS_UNDELIVERED: Scene = samples!["opentact/sms": "opentact-sms-smso-failed-undelivered"];

const SMS_RECEIVED: Scene = samples!["opentact/sms": "opentact-sms-smsi-success"];

pub(crate) const NUMBERS_ORDERED: Scene = samples!["opentact/account": "opentact-tn_order-success"];

pub(crate) const BALANCE: Scene = samples!["opentact/account": "opentact-balance"];

/// The day, as minutes before its end.
pub(crate) const DAY: &[(i64, Scene)] = &[
    (1430, NUMBERS_ORDERED),
    (1395, SMS_SENT),
    (1322, COLLEAGUES),
    (1240, MENU),
    (1187, ANSWERED),
    (1101, NOT_REACHED),
    (1040, SMS_RECEIVED),
    (961, MENU_LEFT),
    (902, ANSWERED),
    (845, UNANSWERED),
    (770, COLLEAGUES),
    (713, SMS_SENT),
    (655, BUSY),
    (590, MENU),
    (524, ANSWERED),
    (466, SMS_RECEIVED),
    (401, UNANSWERED),
    (338, MENU_LEFT),
    (275, COLLEAGUES),
    (211, SMS_SENT),
    (150, BUSY),
    (94, MENU),
    (41, BALANCE),
    (12, UNANSWERED),
    (5, ANSWERED),
];
