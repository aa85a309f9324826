//! `subscriptions`: the webhook subscriptions at OnSIP, by hand. Each command is one login and one logout, whatever happens in
//! between, since bad logins lock the account; and no target is shown with its token.

mod error;
mod opentact;
mod settings;
mod shown;

use renew::api::{Api, ApiError, Http, Login, Session, Wanted};
use renew::reply::Subscription;
use renew::secret::Secret;
use shared::log::chain;
use shared::settings::Lookup;

pub(crate) use self::error::SubscriptionsError;
pub(crate) use self::opentact::opentact;
use self::settings::Settings;
use self::shown::{Shown, place};
use crate::client::ApiUrl;
use crate::terminal::{Consent, Terminal, printable};

/// What `subscriptions --help` says of the environment.
pub(crate) const HELP: &str = "\
What is asked of OnSIP comes from the environment, so that it stays out of the shell's history:
  ONSIP_USERNAME, ONSIP_PASSWORD  an administrator of the organization
  ONSIP_ORGANIZATION              the organization's number [default: that of the administrator]
  ONSIP_API                       the API [default: https://api.onsip.com/api]
  TRUNKLINE_ONSIP_TOKEN           for renew --url: the token in OnSIP's webhook URL

Each command logs in once. OnSIP locks an account for ten minutes after some bad logins.

Exit status: 0 done, 1 OnSIP refused or nothing was done, 2 wrong usage.";

/// The name of a subscription that is added, unless said otherwise.
pub(crate) const NAME: &str = "trunkline";

/// What the subscription of a stack is told by.
pub(crate) struct Own {
    /// The stack's output `OnsipUrl`.
    url: String,
    name: String,
}

impl Own {
    /// For the stack at that URL, with that name for its subscription.
    pub(crate) fn new(stack: &ApiUrl, name: String) -> Self {
        Self { url: format!("{stack}/webhooks/onsip/call"), name }
    }

    /// Whether it delivers to the stack, whatever its token; by its name where OnSIP shows no target.
    fn is(&self, subscription: &Subscription) -> bool {
        match &subscription.target {
            Some(target) => place(target).as_ref() == Some(&self.url),
            None => subscription.name.as_ref() == Some(&self.name),
        }
    }
}

/// The subscriptions of an organization at OnSIP.
pub(crate) struct Subscriptions {
    api: Api,
    login: Login,
    organization: Option<String>,
    token: Option<Secret>,
    terminal: Terminal,
}

/// A session, and the organization whose subscriptions it is about.
struct Opened<'a> {
    session: Session<'a>,
    organization: String,
}

impl Opened<'_> {
    async fn all(&self) -> Result<Vec<Subscription>, ApiError> {
        self.session.subscriptions(&self.organization).await
    }
}

impl Subscriptions {
    /// For the administrator that the environment names.
    pub(crate) fn new(lookup: Lookup<'_>, terminal: Terminal) -> Result<Self, SubscriptionsError> {
        let settings = Settings::read(lookup)?;
        let hidden = settings.hidden();
        let Settings { login, api, organization, token } = settings;
        Ok(Self { api: Api::new(Http::new(&[])?, api).hiding(hidden), login, organization, token, terminal })
    }

    /// Shows all, and which of them deliver to that stack.
    pub(crate) async fn list(&self, own: Option<&Own>) -> Result<(), SubscriptionsError> {
        let all = self.in_session(async |opened| Ok(opened.all().await?)).await?;
        for subscription in &all {
            let mark = if own.is_some_and(|own| own.is(subscription)) { "  this stack's" } else { "" };
            self.say(&format!("{}{mark}", Shown(subscription)));
        }
        self.say(&format!("{} in all", all.len()));
        Ok(())
    }

    /// Renews the one of that id.
    pub(crate) async fn renew(&self, id: &str) -> Result<(), SubscriptionsError> {
        self.in_session(async |opened| Ok(opened.session.renew(id).await?)).await?;
        self.say(&format!("renewed {id}: it lives for another 24 hours"));
        Ok(())
    }

    /// Renews the youngest one that delivers to that stack, or adds one.
    pub(crate) async fn keep(&self, own: &Own) -> Result<(), SubscriptionsError> {
        let token = self.token.clone().ok_or(SubscriptionsError::Token)?;
        let wanted = Wanted { name: own.name.clone(), url: own.url.clone(), token };
        self.in_session(async |opened| {
            let all = opened.all().await?;
            let untold = all.iter().filter(|one| one.target.is_none() && one.name.is_none()).count();
            let mut live: Vec<_> = all.into_iter().filter(|one| own.is(one)).collect();
            while let Some(subscription) = live.pop() {
                match opened.session.renew(&subscription.id).await {
                    Ok(()) => {
                        self.kept(&subscription, &live);
                        self.compare(&subscription, &wanted);
                        return Ok(());
                    }
                    Err(error) if error.is_refusal() => self.say(&format!("{}: {}", subscription.id, chain(&error))),
                    Err(error) => return Err(error.into()),
                }
            }
            if untold > 0 {
                self.say(&format!("OnSIP tells neither name nor target of {untold}: one may be it, see renew --id"));
            }
            self.add(opened, &wanted).await
        })
        .await
    }

    fn kept(&self, subscription: &Subscription, others: &[Subscription]) {
        self.say(&format!("renewed {}: it lives for another 24 hours", Shown(subscription)));
        for other in others {
            self.say(&format!("{} delivers there too, so every event comes twice: remove it", other.id));
        }
    }

    /// A subscription keeps the token that it was added with, and the stack may refuse it by now.
    fn compare(&self, subscription: &Subscription, wanted: &Wanted) {
        if subscription.target.as_ref().is_some_and(|target| *target != wanted.target()) {
            self.say("OnSIP does not list it with TRUNKLINE_ONSIP_TOKEN: it masks the token, or it delivers with another one.");
            self.say(
                "Where the stack refuses that one, remove the subscription and renew again, which adds a new one.",
            );
        }
    }

    async fn add(&self, opened: &Opened<'_>, wanted: &Wanted) -> Result<(), SubscriptionsError> {
        let question = format!("No live subscription is known to deliver to {}. Add one?", wanted.url);
        self.agreed(&question).await?;
        let added = match opened.session.add(&opened.organization, wanted).await {
            Err(error) if !error.is_refusal() => return Err(SubscriptionsError::Add(error)),
            answered => answered?,
        };
        // An answer that names no id is no reason to add another one.
        let id = added.unwrap_or_else(|| "one whose id list shows".to_owned());
        self.say(&format!("added {id}: it lives for 24 hours"));
        Ok(())
    }

    /// Deletes the one of that id, if somebody agrees.
    pub(crate) async fn remove(&self, id: &str) -> Result<(), SubscriptionsError> {
        self.in_session(async |opened| {
            let found = opened.all().await?.into_iter().find(|one| one.id == id);
            let found = found.ok_or_else(|| SubscriptionsError::Unlisted { id: id.to_owned() })?;
            self.agreed(&format!("Remove {}?", Shown(&found))).await?;
            opened.session.delete(id).await.map_err(SubscriptionsError::Delete)
        })
        .await?;
        self.say(&format!("removed {id}"));
        Ok(())
    }

    async fn agreed(&self, question: &str) -> Result<(), SubscriptionsError> {
        match self.terminal.ask(&printable(question)).await {
            Consent::Given => Ok(()),
            Consent::Withheld => Err(SubscriptionsError::Withheld),
        }
    }

    /// Works in a session of its own, and closes it.
    async fn in_session<T>(
        &self,
        work: impl AsyncFnOnce(&Opened<'_>) -> Result<T, SubscriptionsError>,
    ) -> Result<T, SubscriptionsError> {
        let session = self.api.log_in(&self.login).await?;
        let organization = match &self.organization {
            Some(organization) => Ok(organization.clone()),
            None => session.organization().await,
        };
        let (done, session) = match organization {
            Ok(organization) => {
                let opened = Opened { session, organization };
                (work(&opened).await, opened.session)
            }
            Err(error) => (Err(error.into()), session),
        };
        if let Err(error) = session.log_out().await {
            tracing::warn!("the session was not closed, and ends by itself: {}", chain(&error));
        }
        done
    }

    fn say(&self, line: &str) {
        self.terminal.say(&printable(line));
    }
}
