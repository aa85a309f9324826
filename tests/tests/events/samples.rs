//! The table of samples: what each is stored as, held against the stack and against `events/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::samples;
use tests::stack::Stack;

/// Samples that share family, call, leg and entities. Nothing is the empty string.
struct Group {
    family: &'static str,
    call: &'static str,
    leg: &'static str,
    direction: &'static str,
    entities: &'static [&'static str],
    /// Name, status and failure class.
    events: &'static [(&'static str, &'static str, &'static str)],
}

const GROUPS: &[Group] = &[
    // The documents' three examples share id, stream and time; the third carries an entry, and its type says `started`.
    Group {
        family: "app",
        call: "onsip.call.d10442bf-efac-4884-af94-25f14963cb83",
        leg: "8b41c366-11",
        direction: "",
        entities: &[
            "phone_number:12025550101/menu",
            "menu:menu@example.onsip.com/menu",
            "sip_domain:example.onsip.com/menu",
        ],
        events: &[
            ("onsip-app.attendant-menu.started", "started", ""),
            ("onsip-app.attendant-menu.transferred", "transferred", ""),
            ("onsip-app.attendant-menu.started-with-entry", "started", ""),
        ],
    },
    Group {
        family: "app",
        call: "onsip.call.161d2896-6f4b-46f4-ad4b-e42351e5722f",
        leg: "2c77a0d4-3e",
        direction: "",
        entities: &[
            "phone_number:12025550102/menu",
            "menu:menu@example.onsip.com/menu",
            "sip_domain:example.onsip.com/menu",
        ],
        events: &[("onsip-app.attendant-menu.invalid-dtmf", "info", "")],
    },
    Group {
        family: "app",
        call: "onsip.call.cd1be56c-fceb-42a7-a15e-0af3000442d8",
        leg: "",
        direction: "",
        entities: &[
            "phone_number:12025550103/menu",
            "menu:menu@example.onsip.com/menu",
            "sip_domain:example.onsip.com/menu",
        ],
        events: &[("onsip-app.attendant-menu.abandoned", "ended", "")],
    },
    // A caller from the telephone network, through the menu, to alice.
    Group {
        family: "call",
        call: "onsip.call.2be912e5-7fd9-484c-ad0a-8fd70ee1dd48",
        leg: "6e0f3a11-2b",
        direction: "",
        entities: &[
            "phone_number:12025550104/outbound_call",
            "sip_user:menu@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.created-menu-call", "started", ""),
            ("onsip-call.dialog.confirmed-menu-call", "answered", ""),
            ("onsip-call.dialog.referred-menu-call", "transferred", ""),
            ("onsip-call.dialog.terminated-menu-call", "ended", ""),
        ],
    },
    Group {
        family: "app",
        call: "onsip.call.2be912e5-7fd9-484c-ad0a-8fd70ee1dd48",
        leg: "6e0f3a11-2b",
        direction: "",
        entities: &[
            "phone_number:12025550104/menu",
            "menu:menu@example.onsip.com/menu",
            "sip_domain:example.onsip.com/menu",
        ],
        events: &[
            ("onsip-app.attendant-menu.started-menu-call", "started", ""),
            ("onsip-app.attendant-menu.invalid-dtmf-menu-call", "info", ""),
            ("onsip-app.attendant-menu.transferred-menu-call", "transferred", ""),
        ],
    },
    Group {
        family: "call",
        call: "onsip.call.2be912e5-7fd9-484c-ad0a-8fd70ee1dd48",
        leg: "6e0f3a11-2c",
        direction: "",
        entities: &[
            "phone_number:12025550104/outbound_call",
            "sip_user:alice@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.created-menu-call-alice", "started", ""),
            ("onsip-call.dialog.confirmed-menu-call-alice", "answered", ""),
            ("onsip-call.dialog.terminated-menu-call-alice", "ended", ""),
        ],
    },
    Group {
        family: "call",
        call: "onsip.call.2be912e5-7fd9-484c-ad0a-8fd70ee1dd48",
        leg: "",
        direction: "",
        entities: &[],
        events: &[("onsip-call.recording.uploaded-menu-call", "info", "")],
    },
    // alice calls bob.
    Group {
        family: "call",
        call: "onsip.call.fe1f6348-4711-4f90-aa14-ca7fc03fab35",
        leg: "91d7b0c2-07",
        direction: "",
        entities: &[
            "sip_user:alice@example.onsip.com/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "sip_user:bob@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.created", "started", ""),
            ("onsip-call.dialog.confirmed", "answered", ""),
            ("onsip-call.dialog.terminated", "ended", ""),
        ],
    },
    Group {
        family: "call",
        call: "onsip.call.fe1f6348-4711-4f90-aa14-ca7fc03fab35",
        leg: "",
        direction: "",
        entities: &[],
        events: &[("onsip-call.recording.uploaded", "info", "")],
    },
    // bob calls the telephone network, and nobody answers.
    Group {
        family: "call",
        call: "onsip.call.e94242f5-f165-4754-a6b6-1b495c25d425",
        leg: "b20c94f1-5d",
        direction: "",
        entities: &[
            "sip_user:bob@example.onsip.com/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "phone_number:12025550105/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.created-to-pstn", "started", ""),
            ("onsip-call.dialog.failed", "failed", "unknown"),
        ],
    },
    // The older names, and two domains.
    Group {
        family: "call",
        call: "onsip.call.be3844c8-2d7a-415b-a6f7-979c4539da70",
        leg: "0a5e7d3c-90",
        direction: "",
        entities: &[
            "sip_user:carol@example.net/outbound_call",
            "sip_domain:example.net/outbound_call",
            "sip_user:bob@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.requested", "started", ""),
            ("onsip-call.dialog.answered", "answered", ""),
            ("onsip-call.dialog.referred", "transferred", ""),
            ("onsip-call.dialog.terminated-old-names", "ended", ""),
        ],
    },
    // Types that no table names.
    Group {
        family: "app",
        call: "onsip.call.08b6be30-1d56-4266-aece-2a7b63b139bc",
        leg: "4d1102aa-61",
        direction: "",
        entities: &[
            "phone_number:12025550106/menu",
            "sip_user:queue@example.onsip.com/menu",
            "sip_domain:example.onsip.com/menu",
        ],
        events: &[("onsip-app.call-queue.joined", "info", "")],
    },
    Group {
        family: "other",
        call: "",
        leg: "",
        direction: "",
        entities: &[],
        events: &[("onsip-user.presence.updated", "info", "")],
    },
    // alice dials a number and is answered.
    Group {
        family: "call",
        call: "opentact.call.ccb715b0-39db-4463-a169-d313c1545c68",
        leg: "ccb715b0-39db-4463-a169-d313c1545c68",
        direction: "in",
        entities: &[
            "sip_user:alice@example.com/outbound_call",
            "sip_domain:example.com/outbound_call",
            "phone_number:12025550142/inbound_call",
            "phone_number:12025550111/outbound_call",
        ],
        events: &[
            ("opentact-call_state-in-init-answered", "started", ""),
            ("opentact-call_state-in-ringing-answered", "ringing", ""),
            ("opentact-call_state-in-live-answered", "answered", ""),
            ("opentact-call_state-in-hangup-answered", "ended", ""),
            ("opentact-call_state-in-destroyed-answered", "ended", ""),
        ],
    },
    Group {
        family: "call",
        call: "opentact.call.ccb715b0-39db-4463-a169-d313c1545c68",
        leg: "0518ed4b-fb51-4ff0-ab55-11867ab6f1c4",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550142/inbound_call"],
        events: &[
            ("opentact-call_state-out-init-answered", "started", ""),
            ("opentact-call_state-out-ringing-answered", "ringing", ""),
            ("opentact-call_state-out-live-answered", "answered", ""),
            ("opentact-call_state-out-hangup-answered", "ended", ""),
            ("opentact-call_state-out-destroyed-answered", "ended", ""),
        ],
    },
    // A caller reaches the platform, which tries bob in vain.
    Group {
        family: "call",
        call: "opentact.call.595fd974-45a9-4a3d-ad12-b60d3cf6f36b",
        leg: "595fd974-45a9-4a3d-ad12-b60d3cf6f36b",
        direction: "in",
        entities: &["phone_number:12025550112/outbound_call", "phone_number:12025550150/inbound_call"],
        events: &[
            ("opentact-call_state-in-init-no-answer", "started", ""),
            ("opentact-call_state-in-ringing-no-answer", "ringing", ""),
            ("opentact-call_state-in-live-no-answer", "answered", ""),
            ("opentact-call_state-in-hangup-no-answer", "ended", ""),
            ("opentact-call_state-in-destroyed-no-answer", "ended", ""),
        ],
    },
    Group {
        family: "call",
        call: "opentact.call.595fd974-45a9-4a3d-ad12-b60d3cf6f36b",
        leg: "fadb0228-ef1a-48c0-a319-553ee1fb790e",
        direction: "out",
        entities: &[
            "phone_number:12025550112/outbound_call",
            "sip_user:bob@office.example.com/inbound_call",
            "sip_domain:office.example.com/inbound_call",
        ],
        events: &[
            ("opentact-call_state-out-init-no-answer", "started", ""),
            ("opentact-call_state-out-ringing-no-answer", "ringing", ""),
            ("opentact-call_state-out-hangup-no-answer", "failed", "no_answer"),
            ("opentact-call_state-out-destroyed-no-answer", "failed", "no_answer"),
        ],
    },
    // alice dials a number that is busy.
    Group {
        family: "call",
        call: "opentact.call.1155f117-c200-415e-a911-7a3ca2a84615",
        leg: "1155f117-c200-415e-a911-7a3ca2a84615",
        direction: "in",
        entities: &[
            "sip_user:alice@example.com/outbound_call",
            "sip_domain:example.com/outbound_call",
            "phone_number:12025550143/inbound_call",
            "phone_number:12025550111/outbound_call",
        ],
        events: &[
            ("opentact-call_state-in-init-busy", "started", ""),
            ("opentact-call_state-in-ringing-busy", "ringing", ""),
            ("opentact-call_state-in-hangup-busy", "failed", "busy"),
            ("opentact-call_state-in-destroyed-busy", "failed", "busy"),
        ],
    },
    Group {
        family: "call",
        call: "opentact.call.1155f117-c200-415e-a911-7a3ca2a84615",
        leg: "867d4ae2-53d0-41aa-a4b8-f20b4d4b3772",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550143/inbound_call"],
        events: &[
            ("opentact-call_state-out-init-busy", "started", ""),
            ("opentact-call_state-out-hangup-busy", "failed", "busy"),
            ("opentact-call_state-out-destroyed-busy", "failed", "busy"),
        ],
    },
    // Calls that fail at the platform and have only an inbound leg.
    Group {
        family: "call",
        call: "opentact.call.8f293405-c6aa-458f-ad30-49ae9004b402",
        leg: "8f293405-c6aa-458f-ad30-49ae9004b402",
        direction: "in",
        entities: &[
            "sip_user:alice@example.com/outbound_call",
            "sip_domain:example.com/outbound_call",
            "phone_number:12025550144/inbound_call",
            "phone_number:12025550111/outbound_call",
        ],
        events: &[
            ("opentact-call_state-in-init-insufficient-balance", "started", ""),
            ("opentact-call_state-in-failed-insufficient-balance", "failed", "insufficient_balance"),
        ],
    },
    Group {
        family: "call",
        call: "opentact.call.30120f02-767f-4f6a-aea4-7189636edffa",
        leg: "30120f02-767f-4f6a-aea4-7189636edffa",
        direction: "in",
        entities: &[
            "sip_user:bob@office.example.com/outbound_call",
            "sip_domain:office.example.com/outbound_call",
            "phone_number:442079460958/inbound_call",
            "phone_number:12025550113/outbound_call",
        ],
        events: &[("opentact-call_state-in-failed-not-permitted", "failed", "not_permitted")],
    },
    // Messages.
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550121/inbound_sms"],
        events: &[
            ("opentact-sms-smso-created", "queued", ""),
            ("opentact-sms-smso-success", "sent", ""),
            ("opentact-sms-smso-success-delivered", "delivered", ""),
        ],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550151/outbound_sms", "phone_number:12025550122/inbound_sms"],
        events: &[("opentact-sms-smso-failed-insufficient-balance", "failed", "insufficient_balance")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550151/outbound_sms", "phone_number:442079460958/inbound_sms"],
        events: &[("opentact-sms-smso-failed-not-permitted", "failed", "not_permitted")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550152/outbound_sms", "phone_number:12025550123/inbound_sms"],
        events: &[("opentact-sms-smso-failed-undelivered", "failed", "undelivered")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550124/outbound_sms", "phone_number:12025550150/inbound_sms"],
        events: &[("opentact-sms-smsi-success", "received", "")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550125/outbound_sms", "phone_number:12025550150/inbound_sms"],
        events: &[("opentact-bare-sms-smsi", "received", "")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550125/inbound_sms"],
        events: &[("opentact-bare-sms-smso", "delivered", "")],
    },
    // Orders of phone numbers.
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "account:9af21132-9b2f-482e-aefe-906062c73008/number_order",
            "phone_number:12025550160/number_order",
            "phone_number:12025550161/number_order",
        ],
        events: &[("opentact-tn_order-success", "succeeded", "")],
    },
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "account:9af21132-9b2f-482e-aefe-906062c73008/number_order",
            "phone_number:12025550162/number_order",
            "phone_number:12025550163/number_order",
        ],
        events: &[("opentact-tn_order-success-with-rejected", "partial", "unknown")],
    },
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "account:9af21132-9b2f-482e-aefe-906062c73008/number_order",
            "phone_number:12025550164/number_order",
        ],
        events: &[("opentact-tn_order-failed", "failed", "unknown")],
    },
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "account:9af21132-9b2f-482e-aefe-906062c73008/number_order",
            "phone_number:12025550165/number_order",
        ],
        events: &[("opentact-tn_order-failed-insufficient-balance", "failed", "insufficient_balance")],
    },
    // Beside the answered call: told about it, and never moving it.
    Group {
        family: "call",
        call: "opentact.call.ccb715b0-39db-4463-a169-d313c1545c68",
        leg: "ccb715b0-39db-4463-a169-d313c1545c68",
        direction: "in",
        entities: &[
            "sip_user:alice@example.com/outbound_call",
            "sip_domain:example.com/outbound_call",
            "phone_number:12025550142/inbound_call",
            "phone_number:12025550111/outbound_call",
        ],
        events: &[
            ("opentact-call_flow", "info", ""),
            ("opentact-call_flow-failed", "info", "no_answer"),
            ("opentact-call_record", "info", ""),
        ],
    },
    // Further ways to write a party.
    Group {
        family: "app",
        call: "onsip.call.e7d4a6bf-3e89-4826-aa81-d5b9b07e721c",
        leg: "77aa0b1c-02",
        direction: "",
        entities: &[
            "phone_number:12025550107/menu",
            "menu:menu@example.onsip.com/menu",
            "sip_domain:example.onsip.com/menu",
        ],
        events: &[("onsip-app.attendant-menu.transferred-to-menu", "transferred", "")],
    },
    Group {
        family: "call",
        call: "onsip.call.f4b09b18-9176-462b-af37-ed7f33c1fb1e",
        leg: "c3d20e55-17",
        direction: "",
        entities: &[
            "phone_number:12025550108/outbound_call",
            "sip_user:7001@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[("onsip-call.dialog.created-bare-digits", "started", "")],
    },
    Group {
        family: "call",
        call: "onsip.call.0297d675-2b32-47e5-abb2-3c64b73d605d",
        leg: "",
        direction: "",
        entities: &[
            "sip_user:alice@example.onsip.com/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "phone_number:12025550109/inbound_call",
        ],
        events: &[("onsip-call.dialog.created-without-call-id", "started", "")],
    },
    // One stream rings two phones; the one that fails does not end the call.
    Group {
        family: "call",
        call: "onsip.call.27bd1ecf-5347-4f4c-ae33-7e781847d246",
        leg: "5f2e8a90-31",
        direction: "",
        entities: &[
            "sip_user:alice@example.onsip.com/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "sip_user:dave@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.created-fork-desk", "started", ""),
            ("onsip-call.dialog.failed-fork-desk", "failed", "unknown"),
        ],
    },
    Group {
        family: "call",
        call: "onsip.call.27bd1ecf-5347-4f4c-ae33-7e781847d246",
        leg: "5f2e8a90-32",
        direction: "",
        entities: &[
            "sip_user:alice@example.onsip.com/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "phone_number:12025550110/inbound_call",
        ],
        events: &[
            ("onsip-call.dialog.created-fork-mobile", "started", ""),
            ("onsip-call.dialog.confirmed-fork-mobile", "answered", ""),
            ("onsip-call.dialog.terminated-fork-mobile", "ended", ""),
        ],
    },
    // From external switches that may send calls to the domain.
    Group {
        family: "call",
        call: "opentact.call.ed425489-7169-4d12-a836-88ac03fa7b6e",
        leg: "ed425489-7169-4d12-a836-88ac03fa7b6e",
        direction: "in",
        entities: &[
            "phone_number:12025550114/outbound_call",
            "phone_number:12025550145/inbound_call",
            "auth_ip:192.0.2.30/inbound_call",
            "sip_domain:example.com/inbound_call",
        ],
        events: &[("opentact-call_state-in-init-auth-ip", "started", "")],
    },
    Group {
        family: "call",
        call: "opentact.call.231618ba-3054-4a3d-a020-8b2f76b39fed",
        leg: "231618ba-3054-4a3d-a020-8b2f76b39fed",
        direction: "in",
        entities: &[
            "phone_number:12025550114/outbound_call",
            "phone_number:12025550146/inbound_call",
            "auth_hostname:switch.example.net/inbound_call",
            "sip_domain:example.com/inbound_call",
        ],
        events: &[("opentact-call_state-in-init-auth-hostname", "started", "")],
    },
    // The ways in which an outbound leg ends.
    Group {
        family: "call",
        call: "opentact.call.f5e073e4-a007-456a-a50f-cceab2e07ae8",
        leg: "d346b122-7dff-4df9-a4b0-778343d4797f",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550147/inbound_call"],
        events: &[("opentact-call_state-out-hangup-rejected", "failed", "rejected")],
    },
    Group {
        family: "call",
        call: "opentact.call.21b96918-4407-4b4e-a358-0cd8568a5142",
        leg: "267d4c35-94c3-47e1-a32b-3e4daf401fe2",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550147/inbound_call"],
        events: &[("opentact-call_state-out-hangup-invalid-number", "failed", "invalid_number")],
    },
    Group {
        family: "call",
        call: "opentact.call.34e2df63-78e8-4524-aa88-e56180ddf616",
        leg: "f95e72a2-ba49-47fb-a203-b04069b21d60",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550147/inbound_call"],
        events: &[("opentact-call_state-out-hangup-congestion", "failed", "congestion")],
    },
    Group {
        family: "call",
        call: "opentact.call.5be34ad3-6b4f-453a-aff3-b5b146a6efc1",
        leg: "68a8f313-7471-42fa-a95f-5834eecf3339",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550147/inbound_call"],
        events: &[("opentact-call_state-out-hangup-payment-required", "failed", "rejected")],
    },
    Group {
        family: "call",
        call: "opentact.call.d5f01291-6c85-41dc-adab-8ff95e5fd71b",
        leg: "f7bd127e-f895-440b-a6e6-6e0d5bd614d7",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550147/inbound_call"],
        events: &[("opentact-call_state-out-hangup-unknown", "failed", "unknown")],
    },
    // The root of the chain of parents is the call.
    Group {
        family: "call",
        call: "opentact.call.13f50a01-8e27-4d8a-a9d3-967c90c8ae8d",
        leg: "1e37912b-eb5c-4fd1-af6f-8fb34927d23f",
        direction: "out",
        entities: &["phone_number:12025550112/outbound_call", "sip_user:dave/inbound_call"],
        events: &[("opentact-call_state-out-init-chained", "started", "")],
    },
    // States that are older, named without an example, or not known.
    Group {
        family: "call",
        call: "opentact.call.efd4567b-d696-4aba-aa47-ed2663643c07",
        leg: "efd4567b-d696-4aba-aa47-ed2663643c07",
        direction: "in",
        entities: &["phone_number:12025550115/outbound_call", "phone_number:12025550150/inbound_call"],
        events: &[
            ("opentact-call_state-in-online-older", "answered", ""),
            ("opentact-call_state-in-offline-older", "ended", ""),
        ],
    },
    Group {
        family: "call",
        call: "opentact.call.36aee3cb-99dc-4cbe-a3f8-707489379e77",
        leg: "36aee3cb-99dc-4cbe-a3f8-707489379e77",
        direction: "out",
        entities: &["phone_number:12025550111/outbound_call", "phone_number:12025550148/inbound_call"],
        events: &[("opentact-call_state-out-bridged-named", "answered", "")],
    },
    Group {
        family: "call",
        call: "opentact.call.663327a6-da9e-49e5-a969-d234af4d1982",
        leg: "663327a6-da9e-49e5-a969-d234af4d1982",
        direction: "in",
        entities: &["phone_number:12025550115/outbound_call", "phone_number:12025550150/inbound_call"],
        events: &[("opentact-call_state-in-parked-not-known", "info", "")],
    },
    // The stream of 2022: the payload is the call.
    Group {
        family: "call",
        call: "opentact.call.b1ab1e89-2617-4210-a25f-658cf1d361b5",
        leg: "b1ab1e89-2617-4210-a25f-658cf1d361b5",
        direction: "in",
        entities: &["phone_number:12025550116/outbound_call", "phone_number:12025550150/inbound_call"],
        events: &[
            ("opentact-call_state-in-ringing-2022", "ringing", ""),
            ("opentact-call_state-in-hangup-2022", "ended", ""),
        ],
    },
    // A call without an envelope.
    Group {
        family: "call",
        call: "opentact.call.e2a0d740-1451-4434-a067-e9f1338b7cf1",
        leg: "e2a0d740-1451-4434-a067-e9f1338b7cf1",
        direction: "in",
        entities: &["phone_number:12025550117/outbound_call", "phone_number:12025550150/inbound_call"],
        events: &[("opentact-bare-call-ringing", "ringing", "")],
    },
    Group {
        family: "call",
        call: "opentact.call.791c0994-8338-46dd-ae1c-f71948606e9b",
        leg: "791c0994-8338-46dd-ae1c-f71948606e9b",
        direction: "in",
        entities: &["phone_number:12025550117/outbound_call", "phone_number:12025550149/inbound_call"],
        events: &[("opentact-bare-call-failed-insufficient-balance", "failed", "insufficient_balance")],
    },
    // Further messages.
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550126/inbound_sms"],
        events: &[("opentact-sms-smso-sending", "queued", "")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550127/inbound_sms"],
        events: &[("opentact-sms-smso-failed-queue-timeout", "failed", "congestion")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550128/outbound_sms", "phone_number:12025550150/inbound_sms"],
        events: &[("opentact-sms-smsr-created", "queued", "")],
    },
    // The messaging webhook.
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550130/inbound_sms"],
        events: &[("opentact-message.sent", "sent", ""), ("opentact-message.finalized-delivered", "delivered", "")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550131/inbound_sms"],
        events: &[("opentact-message.finalized-failed", "failed", "undelivered")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "phone_number:12025550150/outbound_sms",
            "phone_number:12025550132/inbound_sms",
            "phone_number:12025550133/inbound_sms",
        ],
        events: &[("opentact-message.finalized-partial", "partial", "undelivered")],
    },
    // Ends of messages that say less than "delivered" or "failed", and one that nobody knows.
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550150/outbound_sms", "phone_number:12025550136/inbound_sms"],
        events: &[
            ("opentact-message.finalized-gateway-timeout", "failed", "congestion"),
            ("opentact-message.finalized-receipt-timeout", "sent", ""),
            ("opentact-message.finalized-cancelled", "failed", "undelivered"),
            ("opentact-message.finalized-not-known", "info", ""),
        ],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &["phone_number:12025550129/outbound_sms", "phone_number:12025550150/inbound_sms"],
        events: &[("opentact-message.received", "received", "")],
    },
    // Orders under way.
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "account:9af21132-9b2f-482e-aefe-906062c73008/number_order",
            "phone_number:12025550166/number_order",
        ],
        events: &[("opentact-tn_order-created", "queued", ""), ("opentact-tn_order-processing", "queued", "")],
    },
    // The account.
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &[],
        events: &[("opentact-balance", "info", "")],
    },
    Group {
        family: "account",
        call: "",
        leg: "",
        direction: "",
        entities: &["account:9af21132-9b2f-482e-aefe-906062c73008/auth"],
        events: &[("opentact-auth", "info", "")],
    },
    // Kept whole, of no known type.
    Group {
        family: "other",
        call: "",
        leg: "",
        direction: "",
        entities: &[],
        events: &[("opentact-transcript", "info", "")],
    },
    // A number with a carrier's parameters, a user with its own; a number dialled abroad; a withheld caller.
    Group {
        family: "call",
        call: "onsip.call.7c1e5a90-4b2d-4f6a-9c83-d2e1f0a9b851",
        leg: "5d1c7f20-51",
        direction: "",
        entities: &[
            "phone_number:12025550151/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "sip_user:erin;day=monday@example.onsip.com/inbound_call",
            "sip_domain:example.onsip.com/inbound_call",
        ],
        events: &[("onsip-call.dialog.created-user-parameters", "started", "")],
    },
    Group {
        family: "call",
        call: "onsip.call.7c1e5a90-4b2d-4f6a-9c83-d2e1f0a9b852",
        leg: "5d1c7f20-52",
        direction: "",
        entities: &[
            "sip_user:erin@example.onsip.com/outbound_call",
            "sip_domain:example.onsip.com/outbound_call",
            "phone_number:442079460152/inbound_call",
        ],
        events: &[("onsip-call.dialog.created-dialled-011", "started", "")],
    },
    Group {
        family: "call",
        call: "onsip.call.7c1e5a90-4b2d-4f6a-9c83-d2e1f0a9b853",
        leg: "5d1c7f20-53",
        direction: "",
        entities: &["sip_user:erin@example.onsip.com/inbound_call", "sip_domain:example.onsip.com/inbound_call"],
        events: &[("onsip-call.dialog.created-withheld", "started", "")],
    },
    Group {
        family: "call",
        call: "opentact.call.a4b8e6f1-2c3d-4e5f-8071-92a3b4c5d654",
        leg: "e7d3a950-61f8-4b0a-8c25-93fb417ac654",
        direction: "out",
        entities: &["sip_user:erin@withheld.example.com/inbound_call", "sip_domain:withheld.example.com/inbound_call"],
        events: &[("opentact-call_state-out-init-withheld", "started", "")],
    },
    Group {
        family: "sms",
        call: "",
        leg: "",
        direction: "",
        entities: &[
            "phone_number:12025550155/outbound_sms",
            "phone_number:12025550156/inbound_sms",
            "phone_number:12025550157/inbound_sms",
            "phone_number:12025550158/inbound_sms",
        ],
        events: &[("opentact-message.received-group", "received", "")],
    },
];

fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn entities(event: &Value) -> BTreeSet<&str> {
    event["entities"].as_array().unwrap().iter().map(|pair| pair.as_str().unwrap()).collect()
}

#[test]
fn every_sample_is_stored_as_what_it_is() {
    let stack = Stack::start();
    for group in GROUPS {
        for (name, status, class) in group.events {
            let answer = stack.deliver(name);
            assert_eq!((answer.status, &answer.json()["status"]), (200, &"stored".into()), "{name}: {answer:?}");
            let event = stack.event(answer.json()["id"].as_str().unwrap());
            assert_eq!(event["provider"], name.split('-').next().unwrap(), "{name}");
            assert_eq!(event["family"], group.family, "{name}");
            assert_eq!(event["status"], *status, "{name}: {event}");
            assert_eq!(event["failure"]["class"], or_null(class), "{name}: {event}");
            assert_eq!(event["call"], or_null(group.call), "{name}");
            let leg = json!({"id": group.leg, "direction": or_null(group.direction)});
            assert_eq!(event["leg"], if group.leg.is_empty() { Value::Null } else { leg }, "{name}");
            assert_eq!(entities(&event), group.entities.iter().copied().collect(), "{name}");
        }
    }
}

#[test]
fn a_sample_bears_its_type_and_its_own_time() {
    let stack = Stack::start();
    for name in samples::names() {
        let body: Value = serde_json::from_slice(&samples::sample(&name)).unwrap();
        let event = stack.event(stack.deliver(&name).json()["id"].as_str().unwrap());
        // Without an envelope there is no type but the one that such an entity has within one.
        let kind = match (&body["type"], &body["data"]["event_type"]) {
            _ if name.contains("-bare-call") => "call_state",
            _ if name.contains("-bare-sms") => "sms",
            (Value::String(kind), _) | (_, Value::String(kind)) => kind,
            _ => panic!("{name} has no type"),
        };
        assert_eq!(event["type"], kind, "{name}");
        let occurred = event["occurredAt"].as_str().unwrap_or_else(|| panic!("{name}: {event}"));
        assert!(occurred.starts_with("2026-11-02T"), "{name}: {occurred}");
        assert_ne!(event["receivedAt"], event["occurredAt"], "{name}");
    }
}

#[test]
fn every_sample_has_its_row_in_the_table_and_in_the_readme() {
    let events = || GROUPS.iter().flat_map(|group| group.events.iter().map(move |event| (group.family, event)));
    let table: BTreeMap<_, _> =
        events().map(|(family, (name, status, class))| (*name, [family, *status, *class].map(String::from))).collect();
    let names = samples::names();
    assert_eq!(table.keys().copied().collect::<Vec<_>>(), names.iter().map(String::as_str).collect::<Vec<_>>());

    let readme = std::fs::read_to_string(samples::folder().join("README.md")).unwrap();
    let rows: BTreeMap<_, _> = readme.lines().filter_map(row).collect();
    for (name, expected) in table {
        assert_eq!(rows.get(name), Some(&expected), "events/README.md on {name}");
    }
    assert_eq!(rows.len(), names.len(), "the README names no other files");
}

/// Name, family, status and failure of a row of the README's table of samples.
fn row(line: &str) -> Option<(&str, [String; 3])> {
    let cells: Vec<_> = line.split(" | ").map(|cell| cell.trim_matches([' ', '|'])).collect();
    let [name, _what, family, status, class] = cells.as_slice() else {
        return None;
    };
    let name = name.strip_prefix('`')?.strip_suffix(".json`")?;
    Some((name, [family, status, class].map(|cell| (*cell).to_owned())))
}
