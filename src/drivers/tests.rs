//! Every member of a server, by every driver.

use serde_json::json;

use super::registry;
use crate::driver::members::testing::{sample, server_with};
use crate::driver::members::{Treatment, member, server_members};
use crate::driver::{Driver, ServerSpec};

/// A driver that says nothing of what it takes.
#[derive(Debug)]
struct Silent;

impl Driver for Silent {
    fn driver_id(&self) -> &'static str {
        "silent"
    }

    fn friendly_name(&self) -> &'static str {
        "Silent"
    }
}

fn with_each(mut look: impl FnMut(&dyn Driver)) {
    registry().own().for_each(|driver| look(driver.as_ref()));
    look(&Silent);
}

/// `path` and the paths of what it stands in, the outermost first.
fn way_to(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    above.chain([path])
}

#[test]
fn a_driver_takes_a_member_or_refuses_it_by_name() {
    with_each(|driver| {
        let id = driver.driver_id();
        let members = driver.server_members();
        for member in server_members() {
            let (server, pointer) = server_with(&member.path, member.name(), sample(member));
            let spec: ServerSpec = serde_json::from_value(server).unwrap();
            let checked = members.check(&spec, &[]);
            let refused = way_to(&member.path)
                .find(|path| matches!(members.treatment(path), Treatment::Refused(_)));
            match (checked, refused) {
                (Ok(_), None) => {}
                (Err(error), Some(path)) => {
                    let field = error.field().unwrap();
                    assert!(pointer.starts_with(field), "{id}: {field}");
                    assert_eq!(field.rsplit('/').next(), path.rsplit('/').next(), "{id}");
                    let named = format!("{} has no {path}", members.host);
                    assert!(error.message().starts_with(&named), "{id}: {error}");
                }
                (checked, _) => panic!("{id}, {}: {checked:?}", member.path),
            }
        }
    });
}

#[test]
fn a_member_that_no_driver_speaks_of_is_refused_by_all() {
    with_each(|driver| {
        let members = driver.server_members();
        let objects = server_members().iter().filter(|member| member.has_members);
        let new = objects.map(|object| format!("{}/new", object.path));
        for path in new.chain(["new".to_owned()]) {
            let (server, pointer) = server_with(&path, "new", json!(1));
            let error = members.refuse_rest(server_members(), &server, "", "/server");
            let error = error.unwrap_err();
            assert!(pointer.starts_with(error.field().unwrap()), "{error}");
        }
    });
}

#[test]
fn a_driver_speaks_of_members_there_are_and_of_each_once() {
    with_each(|driver| {
        let members = driver.server_members();
        let reasons = members.passes_over.iter().chain(members.refuses);
        let taken = members.takes.iter().copied().flatten();
        let all: Vec<_> = taken.chain(reasons.map(|(path, _)| path)).collect();
        for path in &all {
            assert!(member(path).is_some(), "{}: {path}", driver.driver_id());
            let times = all.iter().filter(|other| *other == path).count();
            assert_eq!(times, 1, "{}: {path}", driver.driver_id());
        }
        for path in members.takes.iter().copied().flatten() {
            for above in way_to(path) {
                assert_eq!(members.treatment(above), Treatment::Taken, "{path}");
            }
        }
    });
}
