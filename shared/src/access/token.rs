//! Tokens: whose each is and what it opens. The configuration holds their SHA-256 digests, never the tokens.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use crate::name::names;

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest of that token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl FromStr for TokenDigest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "not a SHA-256 digest (64 hexadecimal digits)";
        let mut digest = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(FORM);
        }
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| FORM)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| FORM)?;
        }
        // `printf %s "$TOKEN" | sha256sum` without the token.
        if digest == Self::of("").0 {
            return Err("the digest of an empty token");
        }
        Ok(Self(digest))
    }
}

/// What a token may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Calls.
    Calls,
    /// Events.
    Events,
    /// Deliveries as they came: bodies, and the quarantine.
    Bodies,
    /// Alerts and mutes.
    Alerts,
    /// Numbers of calls and events.
    Stats,
}

names!(Right, "right": Calls = "calls", Events = "events", Bodies = "bodies", Alerts = "alerts", Stats = "stats");

/// The longest name of a token. The tokens that `trunkline tokens` makes are longer: none is logged because it was written
/// where its name belongs.
const LONGEST_NAME: usize = 20;

/// A token that is accepted: `digest`, `name=digest`, or `name:right+right=digest`.
#[derive(Debug, Clone)]
pub struct KnownToken {
    digest: TokenDigest,
    name: String,
    /// Empty: all.
    rights: Vec<Right>,
}

impl KnownToken {
    /// Whose it is, for logs: its name, else the beginning of its digest.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it opens what needs that right.
    #[must_use]
    pub fn has(&self, right: Right) -> bool {
        self.rights.is_empty() || self.rights.contains(&right)
    }
}

impl From<TokenDigest> for KnownToken {
    fn from(digest: TokenDigest) -> Self {
        let name = digest.to_string().chars().take(8).collect();
        Self { digest, name, rights: Vec::new() }
    }
}

impl FromStr for KnownToken {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((label, digest)) = text.rsplit_once('=') else { return Ok(text.parse::<TokenDigest>()?.into()) };
        let (name, rights) = label.split_once(':').map_or((label, None), |(name, rights)| (name, Some(rights)));
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(format!("not a name (1 to {LONGEST_NAME} letters, digits, dots, underscores or hyphens)"));
        }
        let rights = rights.map_or_else(|| Ok(Vec::new()), |rights| rights.split('+').map(str::parse).collect());
        let rights = rights.map_err(|error: crate::name::UnknownName| error.to_string())?;
        Ok(Self { digest: digest.parse()?, name: name.to_owned(), rights })
    }
}

/// The tokens that are accepted, several at a time so that they can be changed without a gap.
#[derive(Debug, Clone, Default)]
pub struct TokenDigests(Vec<KnownToken>);

impl TokenDigests {
    /// Those tokens.
    pub fn new<T: Into<KnownToken>>(tokens: Vec<T>) -> Self {
        Self(tokens.into_iter().map(Into::into).collect())
    }

    /// Whether no token is accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The accepted token among those that were sent. Takes the same time whichever it is, if any.
    #[must_use]
    pub fn admit<T: AsRef<str>>(&self, tokens: &[T]) -> Option<&KnownToken> {
        let mut found = 0_u32;
        for digest in tokens.iter().map(|token| TokenDigest::of(token.as_ref())) {
            for (place, known) in (1..).zip(&self.0) {
                found.conditional_assign(&place, known.digest.0.ct_eq(&digest.0));
            }
        }
        self.0.get(usize::try_from(found.checked_sub(1)?).ok()?)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest(token: &str) -> String {
        TokenDigest::of(token).to_string()
    }

    fn rights(token: &KnownToken) -> Vec<&'static str> {
        Right::ALL.iter().filter(|right| token.has(**right)).map(|right| right.as_str()).collect()
    }

    #[test]
    fn a_token_has_its_name_and_its_rights_and_all_where_none_are_given() {
        let all: Vec<_> = Right::ALL.iter().map(|right| right.as_str()).collect();
        let alone = digest("t");
        for (label, name, expected) in [
            ("", &alone[..8], all.clone()),
            ("crm=", "crm", all),
            ("crm:calls+events=", "crm", vec!["calls", "events"]),
            ("a.b_c-1:stats=", "a.b_c-1", vec!["stats"]),
        ] {
            let token: KnownToken = format!("{label}{alone}").parse().unwrap();
            assert_eq!((token.name(), rights(&token)), (name, expected), "{label}");
        }
    }

    #[test]
    fn what_is_no_name_no_right_or_no_digest_is_refused_and_not_shown() {
        let digest = digest("t");
        for (text, told) in [
            (format!("={digest}"), "not a name"),
            (format!("a b={digest}"), "not a name"),
            (format!("a=b={digest}"), "not a name"),
            // A token in the place of its name.
            (format!("{}={digest}", "0123456789abcdef0123456789abcdef"), "not a name"),
            (format!("crm:={digest}"), "calls, events, bodies, alerts, stats"),
            (format!("crm:call={digest}"), "calls, events, bodies, alerts, stats"),
            (format!("crm:calls+={digest}"), "calls, events, bodies, alerts, stats"),
            ("crm=0123456789abcdef".to_owned(), "64 hexadecimal digits"),
            (format!("crm={}", TokenDigest::of("")), "empty token"),
        ] {
            let error = text.parse::<KnownToken>().unwrap_err();
            assert!(error.contains(told) && !error.contains("0123456789abcdef"), "{text}: {error}");
        }
    }

    #[test]
    fn the_token_that_was_sent_is_found_among_all() {
        let known = [digest("one"), format!("two={}", digest("two")), format!("three:calls={}", digest("three"))];
        let digests = TokenDigests::new(known.map(|text| text.parse::<KnownToken>().unwrap()).to_vec());
        for (sent, name) in
            [(&["two"][..], Some("two")), (&["no", "three"], Some("three")), (&["no"], None), (&[], None)]
        {
            assert_eq!(digests.admit(sent).map(KnownToken::name), name, "{sent:?}");
        }
        assert!(digests.admit(&["one"]).is_some() && !format!("{digests:?}").contains(&digest("two")));
    }

    proptest! {
        #[test]
        fn only_an_exact_token_matches(known in "[A-Za-z0-9_-]{22,60}", other in "[A-Za-z0-9_-]{0,60}") {
            let digests = TokenDigests::new(vec![digest(&known).parse::<TokenDigest>().unwrap()]);
            prop_assert!(digests.admit(&[&known]).is_some());
            prop_assert_eq!(digests.admit(&[&other]).is_some(), known == other);
        }
    }
}
