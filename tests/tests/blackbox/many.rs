//! Many senders at once, of everything that can come: each delivery is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::Value;
use tests::random::Random;
use tests::samples::{self, sample};
use tests::stack::{self, Stack};

const DELIVERIES: usize = 2000;
const SENDERS: usize = 32;

/// One thing to deliver, any number of times.
struct Letter {
    route: &'static str,
    token: &'static str,
    body: Vec<u8>,
}

/// What is to be delivered, and how many pairs among it have one id and two contents.
fn letters(random: &mut Random) -> (Vec<Letter>, usize) {
    let (onsip, opentact) = ("/webhooks/onsip/call", "/webhooks/opentact/call");
    let good = |route, body| Letter { route, token: stack::TOKEN, body };
    let mut letters: Vec<_> = samples::names().iter().map(|name| good(samples::route(name), sample(name))).collect();
    let mut pairs = 0;
    for n in 0..400 {
        let seed = format!("many-{n}");
        let letter = match random.below(10) {
            0 => good(onsip, format!("{{\"id\": \"{seed}\", cut").into_bytes()),
            1 => good(opentact, format!("[\"{seed}\"]").into_bytes()),
            2 => Letter { route: onsip, token: "wrong", body: stack::onsip("call.dialog.created", &seed) },
            3..6 => good(onsip, stack::onsip("call.dialog.created", &seed)),
            6..8 => good(opentact, stack::opentact_call(&seed, "init")),
            _ => {
                pairs += 1;
                // Both are at the same time, so that they meet under one key.
                letters.push(good(opentact, stack::opentact_call(&seed, "ringing")));
                good(opentact, stack::opentact_call(&seed, "live"))
            }
        };
        letters.push(letter);
    }
    (letters, pairs)
}

#[test]
fn of_two_thousand_mixed_deliveries_each_is_accounted_for() {
    let (mut random, seed) = Random::new();
    let (letters, pairs) = letters(&mut random);
    // Each at least once, and the rest as repeats.
    let mut pile: Vec<usize> = (0..letters.len()).collect();
    pile.extend((letters.len()..DELIVERIES).map(|_| random.below(letters.len())));
    random.shuffle(&mut pile);

    let stack = Stack::start();
    let (next, said) = (Mutex::new(pile.iter()), Mutex::new(BTreeMap::<usize, Vec<(u16, Value)>>::new()));
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                loop {
                    let Some(&which) = next.lock().unwrap().next() else { return };
                    let Letter { route, token, body } = &letters[which];
                    let answer = stack.client().post(&format!("{route}?token={token}"), body);
                    said.lock().unwrap().entry(which).or_default().push((answer.status, answer.json()));
                }
            });
        }
    });

    let said = said.into_inner().unwrap();
    assert_eq!(said.values().map(Vec::len).sum::<usize>(), pile.len(), "SEED={seed}");
    let (mut events, mut quarantined) = (BTreeSet::new(), BTreeSet::new());
    for (which, answers) in &said {
        let count = |status: &str| answers.iter().filter(|(_, answer)| answer["status"] == status).count();
        let ids: BTreeSet<_> = answers.iter().filter_map(|(_, answer)| answer["id"].as_str()).collect();
        let told = format!("SEED={seed}, {}: {answers:?}", String::from_utf8_lossy(&letters[*which].body));
        match answers[0].0 {
            401 => assert!(answers.iter().all(|(status, _)| *status == 401), "{told}"),
            202 => {
                assert_eq!((count("quarantined"), ids.len()), (answers.len(), 1), "{told}");
                quarantined.extend(ids);
            }
            _ => {
                assert_eq!((count("stored"), count("duplicate"), ids.len()), (1, answers.len() - 1, 1), "{told}");
                assert!(events.insert(ids.into_iter().next().unwrap()), "an id of its own. {told}");
            }
        }
    }
    let ids = |items: Vec<Value>| items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let listed = ids(stack.today());
    assert_eq!(listed.len(), events.len(), "SEED={seed}");
    assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), events, "SEED={seed}");
    let listed = ids(stack.quarantine());
    assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), quarantined, "SEED={seed}");
    assert_eq!(listed.len(), quarantined.len(), "SEED={seed}");
    let conflicts = stack.today().iter().filter(|event| event["warnings"].to_string().contains("conflict")).count();
    assert_eq!(conflicts, pairs, "SEED={seed}: the second of each pair is the conflict");
}
