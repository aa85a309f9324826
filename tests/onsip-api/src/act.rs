//! Carries an action out: first what any may fail for, then the action itself.

use serde_json::{Value, json};

use crate::account::Login;
use crate::action::Action;
use crate::form::Form;
use crate::knobs::{AddAnswer, Delete, Field, Place, Probe};
use crate::reply::{ApiError, Done, Outcome, Refused, Validity, list};
use crate::subscriptions::{NewSubscription, Subscription};
use crate::target::{self, Target};
use crate::world::World;

/// The largest Limit. doc for every other Browse
const LARGEST_LIMIT: usize = 25_000;

/// What is asked for, if it may be: a known action, not refused by a knob, with its parameters, in a session.
pub(crate) fn admit(world: &World, form: &Form) -> Result<Action, Refused> {
    let known = Action::named(form.text("Action"));
    let known =
        known.filter(|action| *action != Action::WebhookSubscriptionDelete || world.knobs.delete == Delete::Known);
    // guess: the code of an action that is none
    let action = known.ok_or_else(|| Refused::parameter("Action", "Action.Unknown", "There is no such action."))?;
    if let Some(refusal) = world.knobs.refuse.get(&action) {
        let valid = if refusal.place == Place::Request { Validity::Invalid } else { Validity::Valid };
        let errors = vec![ApiError::new(&refusal.code, &refusal.message, None)];
        return Err(Refused { place: refusal.place, valid, errors });
    }
    let missing = action.required().iter().filter(|name| form.get(name).is_none());
    let errors: Vec<_> =
        missing.map(|name| ApiError::new("Value.Required", "A value is required.", Some(name))).collect();
    if !errors.is_empty() {
        // seen: the code
        return Err(Refused { place: Place::Request, valid: Validity::Invalid, errors });
    }
    if action != Action::SessionCreate && world.session(form).is_none() {
        // guess: the code of an ended session is not published
        return Err(Refused::parameter("SessionId", "Session.Invalid", "The session is not valid."));
    }
    Ok(action)
}

/// The target that must be probed before the action.
pub(crate) fn probe_of(world: &World, action: Action, form: &Form) -> Result<Option<Target>, Refused> {
    if action != Action::WebhookSubscriptionAdd {
        return Ok(None);
    }
    if !["true", "false"].contains(&form.text("SslVerify")) {
        // guess: the code
        return Err(Refused::parameter("SslVerify", "Boolean.Invalid", "It must be true or false."));
    }
    let url = form.text("TargetUrl");
    if !target::is_allowed(url) {
        // doc: it must be https; guess: the code
        return Err(Refused::parameter("TargetUrl", "Url.Invalid", "It must be an https URL."));
    }
    Ok((world.knobs.probe == Probe::Sent).then(|| Target::of(url, &world.knobs.hosts)))
}

/// guess: where the error of a failed probe stands, and its code
pub(crate) fn unreachable() -> Refused {
    Refused::action("TargetUrl.Unreachable", "The target did not answer with success.")
}

impl World {
    /// The session that a request names, as long as it lasts.
    pub(crate) fn session(&self, form: &Form) -> Option<String> {
        let id = form.get("SessionId")?;
        Some(self.account.open_sessions(self.now()).find(|session| session.id == id)?.id.clone())
    }

    /// Carries an admitted action out.
    pub(crate) fn perform(&mut self, action: Action, form: &Form) -> Outcome {
        let now = self.now();
        match action {
            Action::SessionCreate => return self.log_in(form),
            Action::SessionDestroy => self.account.log_out(form.text("SessionId"), now),
            Action::NoOp => {}
            Action::UserRead => return self.user(form),
            Action::OrganizationBrowse => return self.organizations(form),
            Action::WebhookSubscriptionAdd => return self.add(form),
            Action::WebhookSubscriptionBrowse => return self.browse(form),
            Action::WebhookSubscriptionRead => {
                return self.one(self.subscriptions.get(form.text("WebhookSubscriptionId"), &self.knobs, now));
            }
            Action::WebhookSubscriptionRenew => {
                let renewed = self.subscriptions.renew(form.text("WebhookSubscriptionId"), &self.knobs, now).cloned();
                return self.one(renewed.as_ref());
            }
            Action::WebhookSubscriptionDelete => {
                let deleted = self.subscriptions.delete(form.text("WebhookSubscriptionId"), &self.knobs, now);
                deleted.ok_or_else(no_such)?;
            }
        }
        Ok(Done::new(json!({})))
    }

    fn log_in(&mut self, form: &Form) -> Outcome {
        let now = self.now();
        match self.account.log_in(&self.knobs, now, form.text("Username"), form.text("Password")) {
            Login::Opened(id) => Ok(Done { result: json!({}), opened: Some(id) }),
            // guess: all of it; a recorded reply exists only for the lock
            Login::Wrong => Err(bad_login("Accessor.LoginInvalid", "The username or password is wrong.")),
            Login::Locked => {
                self.logins_while_locked += 1;
                let message = "You have failed to log in too many times. Please wait 10 minutes then try again.";
                Err(bad_login("Accessor.LoginLocked", message))
            }
        }
    }

    /// Every user is the one that logged in. doc for the ids, seen for where they stand
    fn user(&self, form: &Form) -> Outcome {
        let (knobs, id) = (&self.knobs, form.text("UserId"));
        let organization = knobs.organization_ids.first().filter(|_| id == knobs.user_id).ok_or_else(not_authorized)?;
        Ok(Done::new(json!({ "User": {
            "UserId": id,
            "AccountId": knobs.account_id,
            "OrganizationId": organization,
            "AuthUsername": knobs.username,
            "Contact": {},
        } })))
    }

    fn organizations(&self, form: &Form) -> Outcome {
        let account = form.text("AccountId");
        if account != self.knobs.account_id {
            return Err(not_authorized());
        }
        let all = self.knobs.organization_ids.iter();
        let all = all.map(|id| json!({ "OrganizationId": id, "AccountId": account, "Domain": "example.onsip.com" }));
        self.page(form, "Organizations", "Organization", all.collect())
    }

    fn add(&mut self, form: &Form) -> Outcome {
        self.of_organization(form)?;
        let (organization, name) = (form.text("OrganizationId"), form.text("Name"));
        let new = NewSubscription { organization, name, target: form.text("TargetUrl") };
        let now = self.now();
        let added = self.subscriptions.add(&new, &self.knobs, now);
        match self.knobs.add_answer {
            AddAnswer::WithId => self.one(Some(&added)),
            AddAnswer::WithoutId => Ok(Done::new(json!({}))),
        }
    }

    fn browse(&self, form: &Form) -> Outcome {
        self.of_organization(form)?;
        let listed = self.subscriptions.listed(form.text("OrganizationId"), &self.knobs, self.now());
        self.page(form, "WebhookSubscriptions", "WebhookSubscription", listed.map(|one| self.show(one)).collect())
    }

    fn of_organization(&self, form: &Form) -> Result<(), Refused> {
        let own = self.knobs.organization_ids.iter().any(|id| id == form.text("OrganizationId"));
        if own { Ok(()) } else { Err(not_authorized()) }
    }

    /// A page of a Browse, from Offset on. doc for every other Browse; OrderBy is not heeded
    fn page(&self, form: &Form, plural: &str, singular: &str, all: Vec<Value>) -> Outcome {
        let limit = number(form, "Limit")?.unwrap_or(self.knobs.page);
        if limit > LARGEST_LIMIT {
            return Err(Refused::parameter("Limit", "Integer.TooBig", "The integer is too big."));
        }
        let offset = number(form, "Offset")?.unwrap_or(0);
        let mut result = json!({});
        if form.get("CalcFound") != Some("false") {
            // guess: where it stands
            result["Found"] = json!(all.len().to_string());
        }
        result[plural] = list(singular, all.into_iter().skip(offset).take(limit).collect());
        Ok(Done::new(result))
    }

    /// The answer that shows one subscription. seen for Add, guess for the others
    fn one(&self, subscription: Option<&Subscription>) -> Outcome {
        let shown = self.show(subscription.ok_or_else(no_such)?);
        Ok(Done::new(json!({ "WebhookSubscription": shown })))
    }

    fn show(&self, one: &Subscription) -> Value {
        let mut shown = json!({ "WebhookSubscriptionId": one.id });
        for field in &self.knobs.fields {
            match field {
                Field::Name => shown["Name"] = json!(one.name),
                Field::TargetUrl => shown["TargetUrl"] = json!(one.target),
                Field::MaskedTargetUrl => shown["TargetUrl"] = json!(masked(&one.target)),
            }
        }
        shown
    }
}

fn masked(target: &str) -> String {
    let Some((place, query)) = target.split_once('?') else { return target.to_owned() };
    let names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| format!("{name}=******"));
    format!("{place}?{}", names.collect::<Vec<_>>().join("&"))
}

fn number(form: &Form, name: &str) -> Result<Option<usize>, Refused> {
    let parse = |text: &str| text.parse().map_err(|_| Refused::parameter(name, "Integer.Invalid", "Not an integer."));
    form.get(name).map(parse).transpose()
}

/// seen: the request is valid, and the error stands there nevertheless
fn bad_login(code: &str, message: &str) -> Refused {
    let errors = vec![ApiError::new(code, message, Some("Action"))];
    Refused { place: Place::Request, valid: Validity::Valid, errors }
}

/// guess: the code of an unknown subscription is not published
fn no_such() -> Refused {
    Refused::action("WebhookSubscription.NotFound", "There is no such subscription.")
}

/// seen: the code; guess: where it stands
fn not_authorized() -> Refused {
    Refused::action("AccountAuthorization.Required", "You are not authorized for this account.")
}
