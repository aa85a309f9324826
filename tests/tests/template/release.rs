//! The release: one version everywhere, and what an update to it asks for is written down.

use shared::version::VERSION;

const CHANGELOG: &str = include_str!("../../../CHANGELOG.md");

/// The releases, the newest first, each with what is told of it.
fn releases() -> Vec<(&'static str, &'static str)> {
    let sections = CHANGELOG.split("\n## ").skip(1);
    sections.map(|section| section.split_once('\n').unwrap()).collect()
}

#[test]
fn each_release_says_what_to_do_before_an_update_to_it_and_the_newest_is_this_one() {
    let releases = releases();
    assert_eq!(releases[0].0, VERSION);
    let mut versions = Vec::new();
    for (version, told) in &releases {
        versions.push(version.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>());
        let (_, before) = told.split_once("### Before you update\n").unwrap_or_else(|| panic!("{version}"));
        let (before, new) = before.split_once("\n### New\n").unwrap_or_else(|| panic!("{version}"));
        assert!(!before.trim().is_empty() && !new.trim().is_empty(), "{version}");
    }
    assert!(versions.iter().all(|parts| parts.len() == 3) && versions.is_sorted_by(|later, earlier| later > earlier));
}

#[test]
fn the_documents_name_the_release_that_they_come_with() {
    let zip = format!("trunkline-{VERSION}-x86_64.zip");
    for (name, document) in
        [("README.md", include_str!("../../../README.md")), ("RUNBOOK.md", include_str!("../../../RUNBOOK.md"))]
    {
        assert!(document.contains(&zip), "{name}");
        assert_eq!(
            document.matches("trunkline-").count(),
            document.matches(&format!("trunkline-{VERSION}-")).count(),
            "{name}"
        );
    }
    let query = include_str!("../../../functions/query/README.md");
    assert!(query.contains(&format!(r#"{{"status": "ok", "version": "{VERSION}"}}"#)));
}
