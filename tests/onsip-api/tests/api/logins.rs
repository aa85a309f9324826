//! Sessions, and the lock.

use std::time::Duration;

use onsip_api::{Action, OnsipApi};

use super::client::{Client, PASSWORD, USER, result};

#[tokio::test]
async fn a_login_masks_the_password_and_its_session_lasts_until_the_logout() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    let reply = client.ask("SessionCreate", &[("Username", USER), ("Password", PASSWORD)]).await;
    assert!(!reply.to_string().contains(PASSWORD), "{reply}");
    assert_eq!(reply["Result"], serde_json::json!({ "SessionCreate": {} }));
    let session = reply["Context"]["Session"]["SessionId"].as_str().unwrap();
    assert!(session.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(client.ask("NoOp", &[("SessionId", session)]).await["Context"]["Session"]["IsEstablished"], "true");
    assert_eq!(api.record().open_sessions.len(), 1);
    let reply = client.ask("SessionDestroy", &[("SessionId", session)]).await;
    assert_eq!(reply["Context"]["Action"]["IsCompleted"], "true");
    assert!(api.record().open_sessions.is_empty());
    let reply = client.ask("NoOp", &[("SessionId", session)]).await;
    assert_eq!(result(&reply, "NoOp"), Err("Session.Invalid".to_owned()));
}

#[tokio::test]
async fn bad_logins_lock_the_account_for_ten_minutes_and_the_reply_echoes_the_password() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    for _ in 0..3 {
        let reply = client.ask("SessionCreate", &[("Username", USER), ("Password", "wrong")]).await;
        assert_eq!(result(&reply, "SessionCreate"), Err("Accessor.LoginInvalid".to_owned()));
    }
    assert_eq!(api.record().logins_while_locked, 0);
    api.advance(Duration::from_secs(599));
    let locked = client.ask("SessionCreate", &[("Username", USER), ("Password", PASSWORD)]).await;
    let request = &locked["Context"]["Request"];
    assert_eq!((&request["IsValid"], &locked["Context"]["Action"]["IsCompleted"]), (&"true".into(), &"false".into()));
    assert_eq!(request["Errors"]["Error"]["Code"], "Accessor.LoginLocked");
    assert_eq!(request["Errors"]["Error"]["Parameter"], "Action");
    assert!(request["Parameters"].to_string().contains(PASSWORD));
    assert_eq!(locked["Context"]["Session"], serde_json::json!({ "IsEstablished": "false" }));
    api.advance(Duration::from_secs(1));
    client.log_in().await;
    let record = api.record();
    assert_eq!((record.logins_while_locked, record.count(Action::SessionCreate)), (1, 5));
}

#[tokio::test]
async fn a_good_login_forgets_the_bad_ones_before_it() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    for _ in 0..3 {
        for _ in 0..2 {
            let _ = client.ask("SessionCreate", &[("Username", USER), ("Password", "wrong")]).await;
        }
        client.log_in().await;
    }
    assert_eq!(api.record().logins_while_locked, 0);
}

#[tokio::test]
async fn the_organization_is_found_through_the_user_and_the_account() {
    let api = OnsipApi::start(0).await.unwrap();
    let client = Client::new(&api);
    let session = client.log_in().await;
    let user = client.ask("UserRead", &[("SessionId", &session), ("UserId", "212762")]).await;
    let user = result(&user, "UserRead").unwrap();
    assert_eq!((&user["User"]["AccountId"], &user["User"]["OrganizationId"]), (&"4711".into(), &"38".into()));
    let browse = [("SessionId", session.as_str()), ("AccountId", "4711")];
    let one = client.ask("OrganizationBrowse", &browse).await;
    let one = &one["Result"]["OrganizationBrowse"]["Organizations"]["Organization"];
    assert_eq!(one["OrganizationId"], "38");
    api.turn(|knobs| knobs.organization_ids.push("39".to_owned()));
    let two = client.ask("OrganizationBrowse", &browse).await;
    assert_eq!(two["Result"]["OrganizationBrowse"]["Organizations"]["Organization"].as_array().unwrap().len(), 2);
    let other = client.ask("OrganizationBrowse", &[("SessionId", &session), ("AccountId", "1")]).await;
    assert_eq!(result(&other, "OrganizationBrowse"), Err("AccountAuthorization.Required".to_owned()));
}

#[tokio::test]
async fn all_that_is_missing_is_named() {
    let api = OnsipApi::start(0).await.unwrap();
    let reply = Client::new(&api).ask("SessionCreate", &[]).await;
    let request = &reply["Context"]["Request"];
    assert_eq!(request["IsValid"], "false");
    let errors = request["Errors"]["Error"].as_array().unwrap();
    let names: Vec<_> = errors.iter().map(|error| (&error["Code"], &error["Parameter"])).collect();
    let required = &"Value.Required".into();
    assert_eq!(names, [(required, &"Username".into()), (required, &"Password".into())]);
}
