//! The user's own secret in Secrets Manager: who logs in at OnSIP, and the token of our URL there. It is read anew in each run,
//! so that a change of it counts at once.

use aws_sdk_secretsmanager::Client;
use serde_json::Value;
use shared::aws::{Aws, ServiceError};

use crate::api::Login;
use crate::secret::Secret;

/// What the secret holds.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Who logs in.
    pub login: Login,
    /// The token in our URL.
    pub token: Secret,
    /// The organization whose events are subscribed to; the user's own where the secret names none.
    pub organization: Option<Secret>,
    /// The secret's version, as Secrets Manager names it.
    pub version: String,
}

/// Why the secret can't be used. Nothing of it is in here.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Secrets Manager did not hand it out.
    #[error("the secret can't be read")]
    Unavailable(#[source] ServiceError),
    /// It is not what the setup asks for.
    #[error("the secret is not JSON with username, password and token")]
    Incomplete,
    /// A number or the like: what was meant can't be told from it, such as leading zeros.
    #[error("{0} in the secret is not a text: put it in quotation marks")]
    NotText(&'static str),
}

impl Credentials {
    /// Reads them out of the secret's text, each exactly as it stands: a space may be a part of a password.
    ///
    /// # Errors
    /// [`CredentialsError::Incomplete`] and [`CredentialsError::NotText`].
    pub fn read(text: &str, version: &str) -> Result<Self, CredentialsError> {
        let secret: Value = serde_json::from_str(text).map_err(|_| CredentialsError::Incomplete)?;
        let field = |name| match secret.get(name) {
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::Null) | None => Ok(None),
            Some(_) => Err(CredentialsError::NotText(name)),
        };
        let required = |name| field(name)?.ok_or(CredentialsError::Incomplete);
        Ok(Self {
            login: Login { username: required("username")?, password: Secret::new(required("password")?) },
            token: Secret::new(required("token")?),
            organization: field("organizationId")?.map(Secret::new),
            version: version.to_owned(),
        })
    }

    /// All that no error may show.
    #[must_use]
    pub fn hidden(&self) -> Vec<Secret> {
        let Login { username, password } = &self.login;
        let all = [password.clone(), self.token.clone(), Secret::new(username.as_str())].into_iter();
        all.chain(self.organization.clone()).collect()
    }
}

/// Where the secret is.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Client,
    arn: String,
}

impl Secrets {
    /// The secret of that ARN.
    #[must_use]
    pub fn new(aws: &Aws, arn: String) -> Self {
        Self { client: Client::new(&aws.service("SECRETSMANAGER")), arn }
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub async fn read(&self) -> Result<Credentials, CredentialsError> {
        let answer = self.client.get_secret_value().secret_id(&self.arn).send().await;
        let answer = answer.map_err(|error| CredentialsError::Unavailable(error.into()))?;
        let text = answer.secret_string().ok_or(CredentialsError::Incomplete)?;
        Credentials::read(text, answer.version_id().unwrap_or_default())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_secret_without_what_is_needed_is_told_and_not_shown() {
        let whole = r#"{"username":"alice","password":"hunter2","token":"t0ken","organizationId":"38"}"#;
        let read = Credentials::read(whole, "v1").unwrap();
        assert_eq!(read.organization, Some(Secret::new("38")));
        for text in [
            "",
            "hunter2",
            r#"{"username":"alice","password":"hunter2"}"#,
            r#"{"username":"alice","password":["hunter2"],"token":"t0ken"}"#,
            r#"{"username":"alice","password":"","token":"t0ken"}"#,
            r#"{"username":"alice","password":"hunter2","token":"t0ken""#,
        ] {
            let error = Credentials::read(text, "v1").unwrap_err();
            assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
        }
        assert!(!format!("{read:?}").contains("hunter2"), "{read:?}");
    }

    #[test]
    fn what_is_in_the_secret_is_sent_as_it_stands_and_a_number_is_told() {
        let read = Credentials::read(r#"{"username":"alice","password":" hunter2 ","token":"0 "}"#, "v1").unwrap();
        assert_eq!((read.login.password.expose(), read.token.expose()), (" hunter2 ", "0 "));
        for (text, told) in [
            (r#"{"username":"alice","password":1e3,"token":"t"}"#, "password in the secret is not a text"),
            (r#"{"username":"alice","password":"p","token":"t","organizationId":38}"#, "organizationId in the secret"),
        ] {
            let error = Credentials::read(text, "v1").unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
