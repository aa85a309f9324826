//! Who logs in, and where, from the environment.

use renew::api::{ApiUrl, ApiUrlError, Login};
use renew::secret::Secret;
use shared::settings::Lookup;

/// What the environment says.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) login: Login,
    pub(super) api: ApiUrl,
    pub(super) organization: Option<String>,
    pub(super) token: Option<Secret>,
}

/// What is wrong with it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsFault {
    /// There is nobody to log in.
    #[error("{} not set: an administrator of the organization at OnSIP", .0.join(" and "))]
    Unset(Vec<&'static str>),
    /// The API's URL is none.
    #[error("ONSIP_API")]
    Api(#[from] ApiUrlError),
}

impl Settings {
    /// All that no error may show.
    pub(super) fn hidden(&self) -> Vec<Secret> {
        let Login { username, password } = &self.login;
        let further = [Some(username), self.organization.as_ref()].into_iter().flatten().map(Secret::new);
        [password.clone()].into_iter().chain(self.token.clone()).chain(further).collect()
    }

    pub(super) fn read(lookup: Lookup<'_>) -> Result<Self, SettingsFault> {
        let get = |name| lookup(name).filter(|value| !value.is_empty());
        let (username, password) = ("ONSIP_USERNAME", "ONSIP_PASSWORD");
        let unset: Vec<_> = [username, password].into_iter().filter(|name| get(name).is_none()).collect();
        let (Some(username), Some(password)) = (get(username), get(password)) else {
            return Err(SettingsFault::Unset(unset));
        };
        Ok(Self {
            login: Login { username, password: Secret::new(password) },
            api: get("ONSIP_API").map(|url| url.parse()).transpose()?.unwrap_or_default(),
            organization: get("ONSIP_ORGANIZATION"),
            token: get("TRUNKLINE_ONSIP_TOKEN").map(Secret::new),
        })
    }
}
