//! Instances that die at each of their calls of AWS, one after the other, while time is played.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tests::proxy::{Fault, Proxy};

use super::played::Play;

/// A call that so many did not come to is the last one.
const PATIENCE: usize = 8;

/// What an instance is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Batch,
    Tick,
}

/// A service that is cut off at the nth call.
#[derive(Debug)]
struct Cut {
    given: Given,
    variable: &'static str,
    proxy: Proxy,
    nth: Cell<usize>,
    /// How many lived since that made fewer calls.
    lived: Cell<usize>,
    /// The most calls that one made before it died.
    most: Cell<usize>,
}

/// Where the next instances die.
#[derive(Debug)]
pub(super) struct Deaths {
    cuts: Vec<Cut>,
    turn: Cell<usize>,
}

impl Deaths {
    pub(super) fn new(play: &Play) -> Self {
        let services = [
            ("AWS_ENDPOINT_URL_DYNAMODB", play.bench.database.url()),
            ("AWS_ENDPOINT_URL_SNS", play.scene.stack.sns_url().to_owned()),
        ];
        let cut = |given: Given, (variable, url): &(&'static str, String)| {
            let proxy = Proxy::start();
            proxy.forward_to(url.trim_start_matches("http://").parse().unwrap());
            Cut { given, variable, proxy, nth: Cell::new(0), lived: Cell::new(0), most: Cell::new(0) }
        };
        let cuts = [Given::Batch, Given::Tick].iter().flat_map(|given| services.iter().map(|of| cut(*given, of)));
        Self { cuts: cuts.collect(), turn: Cell::new(0) }
    }

    /// An instance of its own is given that, and dies at a call that none died at before.
    pub(super) fn die(&self, play: &Play, given: Given, event: Value, now: Timestamp) {
        self.turn.set(self.turn.get() + 1);
        let fault = if self.turn.get().is_multiple_of(2) { Fault::Hang } else { Fault::CutAfter };
        // SNS is called seldom.
        let cuts: Vec<_> = self.cuts.iter().filter(|cut| cut.given == given).collect();
        let cut = cuts[usize::from(self.turn.get().is_multiple_of(3))];
        let nth = cut.nth.get();
        if cut.kills(play, event, fault, now) {
            cut.most.set(cut.most.get().max(nth + 1));
            cut.nth.set(nth + 1);
            cut.lived.set(0);
        } else if cut.lived.replace(cut.lived.get() + 1) == PATIENCE {
            cut.nth.set(0);
            cut.lived.set(0);
        }
    }

    /// The most calls that one made until it died, by what it was given, of the database and of SNS.
    pub(super) fn most(&self) -> Vec<usize> {
        self.cuts.iter().map(|cut| cut.most.get()).collect()
    }
}

impl Cut {
    /// False where the instance makes fewer calls.
    fn kills(&self, play: &Play, event: Value, fault: Fault, now: Timestamp) -> bool {
        let (proxy, until) = (&self.proxy, self.proxy.seen() + self.nth.get());
        proxy.next((0..self.nth.get()).map(|_| None).chain([Some(fault)]));
        proxy.break_with(Fault::Hang);
        let notify = play.scene.notify(&[(self.variable, proxy.url())]);
        let died = play.bench.runtime.block_on(async {
            let cut = async {
                while proxy.seen() <= until {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                // Time enough for a service that is cut after it did its work to do it.
                tokio::time::sleep(Duration::from_millis(50)).await;
            };
            tokio::select! {
                _ = notify.handle(event, now) => proxy.seen() > until,
                () = cut => true,
            }
        });
        proxy.heal();
        died
    }
}
