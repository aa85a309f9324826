//! How the keys that everyone writes to are split.

use std::hash::Hasher as _;
use std::str::FromStr;

/// Into how many shards the keys that everyone writes to are split: a partition takes 1,000 write units a second. The
/// number may be raised at any time, and must never be lowered: readers look into as many shards as there are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(u8);

impl Default for Shards {
    fn default() -> Self {
        Self(4)
    }
}

impl FromStr for Shards {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.parse().ok().filter(|n| (1..=64).contains(n));
        number.map(Self).ok_or("not a number of shards from 1 to 64")
    }
}

impl Shards {
    /// No split: of keys to which little is written.
    pub(crate) const ONE: Self = Self(1);

    /// The key of the shard of `base` that something of that id belongs to.
    pub(crate) fn key(self, base: &str, id: &str) -> String {
        let mut hash = std::hash::DefaultHasher::new();
        hash.write(id.as_bytes());
        format!("{base}#{}", hash.finish() % u64::from(self.0))
    }

    /// The keys of all shards of `base`.
    pub(super) fn keys(self, base: &str) -> impl Iterator<Item = String> {
        (0..self.0).map(move |shard| format!("{base}#{shard}"))
    }
}

/// The key without its shard.
pub(super) fn unsharded(key: &str) -> &str {
    key.rsplit_once('#').map_or(key, |(base, _)| base)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn every_key_lies_in_one_of_the_shards_that_are_read() {
        let shards: Shards = "7".parse().unwrap();
        let read: Vec<_> = shards.keys("example.com").collect();
        let mut used = std::collections::BTreeSet::new();
        for id in 0..1000 {
            let key = shards.key("example.com", &id.to_string());
            assert!(read.contains(&key));
            assert_eq!(unsharded(&key), "example.com");
            used.insert(key);
        }
        assert_eq!(used.len(), 7);
    }
}
