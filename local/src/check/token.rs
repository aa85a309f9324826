//! The tokens to check with.

use std::collections::BTreeMap;

use hyper::header::HeaderValue;

/// Who the check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// OnSIP, which delivers.
    Onsip,
    /// Who reads events back.
    Reader,
    /// Who may set off a test alert.
    Operator,
}

impl Role {
    const ALL: [Self; 3] = [Self::Onsip, Self::Reader, Self::Operator];

    /// The environment variable that holds the role's token.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Onsip => "TRUNKLINE_ONSIP_TOKEN",
            Self::Reader => "TRUNKLINE_READ_TOKEN",
            Self::Operator => "TRUNKLINE_OPERATOR_TOKEN",
        }
    }

    /// The template's parameter that holds the token's digest.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Onsip => "OnsipTokenDigests",
            Self::Reader => "ReadTokenDigests",
            Self::Operator => "OperatorTokenDigests",
        }
    }
}

/// A token. It is sent and never shown: not `Debug`, not `Display`.
pub(crate) struct Token {
    text: String,
    bearer: HeaderValue,
}

/// Why a variable's value is not a token that can be sent.
#[derive(Debug, thiserror::Error)]
#[error("{variable} holds spaces, a newline, or characters that are not ASCII: a token has none")]
pub(crate) struct TokenError {
    variable: &'static str,
}

impl Token {
    fn read(text: String, variable: &'static str) -> Result<Self, TokenError> {
        let fit = text.bytes().all(|byte| byte.is_ascii_graphic());
        let bearer = HeaderValue::from_str(&format!("Bearer {text}")).ok().filter(|_| fit);
        let mut bearer = bearer.ok_or(TokenError { variable })?;
        bearer.set_sensitive(true);
        Ok(Self { text, bearer })
    }

    /// The value of `Authorization`.
    pub(crate) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// The query string of a provider's URL.
    pub(crate) fn query(&self) -> String {
        let encoded: String = form_urlencoded::byte_serialize(self.text.as_bytes()).collect();
        format!("token={encoded}")
    }
}

/// The environment does not have the role's token.
#[derive(Debug, thiserror::Error)]
#[error("{} is not set", .0.variable())]
pub(crate) struct Missing(Role);

/// The tokens that the environment has; an empty variable is none.
pub(crate) struct Tokens(BTreeMap<Role, Token>);

impl Tokens {
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, TokenError> {
        let mut tokens = BTreeMap::new();
        for role in Role::ALL {
            if let Some(text) = lookup(role.variable()).filter(|text| !text.is_empty()) {
                tokens.insert(role, Token::read(text, role.variable())?);
            }
        }
        Ok(Self(tokens))
    }

    /// The role's token; a step without it is skipped.
    pub(crate) fn of(&self, role: Role) -> Result<&Token, Missing> {
        self.0.get(&role).ok_or(Missing(role))
    }
}
