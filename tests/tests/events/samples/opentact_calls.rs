//! The samples of Opentact's calls.

use super::Group;

pub(super) const GROUPS: &[Group] = &[
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
    Group {
        family: "call",
        call: "opentact.call.a4b8e6f1-2c3d-4e5f-8071-92a3b4c5d654",
        leg: "e7d3a950-61f8-4b0a-8c25-93fb417ac654",
        direction: "out",
        entities: &["sip_user:erin@withheld.example.com/inbound_call", "sip_domain:withheld.example.com/inbound_call"],
        events: &[("opentact-call_state-out-init-withheld", "started", "")],
    },
];
