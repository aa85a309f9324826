//! The tokens that an operator has in the environment.

use std::collections::BTreeMap;

use crate::client::Token;

/// Who the check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TokenHolder {
    /// OnSIP, which delivers.
    Onsip,
    /// Opentact, which delivers.
    Opentact,
    /// Who reads events back.
    Reader,
    /// Who may set off a test alert.
    Operator,
}

impl TokenHolder {
    const ALL: [Self; 4] = [Self::Onsip, Self::Opentact, Self::Reader, Self::Operator];

    /// The environment variable of the holder's token.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Onsip => "TRUNKLINE_ONSIP_TOKEN",
            Self::Opentact => "TRUNKLINE_OPENTACT_TOKEN",
            Self::Reader => "TRUNKLINE_READ_TOKEN",
            Self::Operator => "TRUNKLINE_OPERATOR_TOKEN",
        }
    }

    /// The template's parameter that holds the token's digest.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Onsip => "OnsipTokenDigests",
            Self::Opentact => "OpentactTokenDigests",
            Self::Reader => "ReadTokenDigests",
            Self::Operator => "OperatorTokenDigests",
        }
    }
}

/// Why a variable's value is not a token that can be sent.
#[derive(Debug, thiserror::Error)]
#[error("{variable} holds spaces, a newline, or characters that are not ASCII: a token has none")]
pub(crate) struct TokenError {
    variable: &'static str,
}

fn read(text: String, variable: &'static str) -> Result<Token, TokenError> {
    let fit = text.bytes().all(|byte| byte.is_ascii_graphic());
    Token::new(text).ok().filter(|_| fit).ok_or(TokenError { variable })
}

/// The environment does not have the holder's token.
#[derive(Debug, thiserror::Error)]
#[error("{} is not set", .0.variable())]
pub(crate) struct Missing(TokenHolder);

/// The tokens that the environment has; an empty variable is none.
pub(crate) struct CheckTokens(BTreeMap<TokenHolder, Token>);

impl CheckTokens {
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, TokenError> {
        let mut tokens = BTreeMap::new();
        for holder in TokenHolder::ALL {
            if let Some(text) = lookup(holder.variable()).filter(|text| !text.is_empty()) {
                tokens.insert(holder, read(text, holder.variable())?);
            }
        }
        Ok(Self(tokens))
    }

    /// The holder's token; a step without it is skipped.
    pub(crate) fn of(&self, holder: TokenHolder) -> Result<&Token, Missing> {
        self.0.get(&holder).ok_or(Missing(holder))
    }
}
