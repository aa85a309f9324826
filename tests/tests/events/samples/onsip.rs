//! The samples of OnSIP.

use super::Group;

pub(super) const GROUPS: &[Group] = &[
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
];
