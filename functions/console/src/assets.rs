//! The style sheet and the script, under an address that has the digest of both: a browser keeps them for good, and a new version has
//! another address.

use std::sync::LazyLock;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Response};
use shared::text::digest;

use crate::answer;
use crate::route::Route;

/// The names of the files.
pub(crate) const STYLE: &str = "style.css";
pub(crate) const SCRIPT: &str = "script.js";

/// Each file: its name, its type, its text.
const FILES: [(&str, &str, &str); 2] = [
    (
        STYLE,
        "text/css; charset=utf-8",
        concat!(include_str!("../assets/style.css"), include_str!("../assets/call.css")),
    ),
    (SCRIPT, "text/javascript; charset=utf-8", include_str!("../assets/script.js")),
];

static DIGEST: LazyLock<String> = LazyLock::new(|| digest(&FILES.map(|(_, _, text)| text)));

/// The route of a file.
pub(crate) fn route(name: &'static str) -> Route<'static> {
    Route::Asset(DIGEST.as_str(), name)
}

/// A file. One that is asked for under another version's digest is this version's, and is not kept.
pub(crate) fn answer(version: &str, name: &str) -> Response<Body> {
    let Some((_, kind, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return answer::plain(StatusCode::NOT_FOUND, "There is no such file.");
    };
    let kept = if version == DIGEST.as_str() { "public, max-age=31536000, immutable" } else { "no-store" };
    let mut answered = answer::of(StatusCode::OK, HeaderValue::from_static(kind), (*text).into());
    answered.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    answered
}
