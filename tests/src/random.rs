//! Chance that can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

/// xorshift64*: repeatable, and random enough to mix a pile of deliveries.
#[derive(Debug)]
pub struct Random(u64);

/// The chance of a seed, which is not 0.
impl From<u64> for Random {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}

impl Random {
    /// The seed of an earlier run (`SEED=… cargo test`), else a new one.
    #[must_use]
    pub fn new() -> (Self, u64) {
        let given = std::env::var("SEED").ok().and_then(|text| text.parse().ok());
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seed = given.unwrap_or(since.as_nanos() as u64 | 1);
        (Self::from(seed), seed)
    }

    /// A number below the limit, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    /// Puts the pile into any order.
    pub fn shuffle<T>(&mut self, pile: &mut [T]) {
        for last in (1..pile.len()).rev() {
            pile.swap(last, self.below(last + 1));
        }
    }
}
