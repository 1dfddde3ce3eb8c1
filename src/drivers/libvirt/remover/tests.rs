use super::*;

fn of(name: &str, defined: Option<&str>, recorded: Option<&str>) -> (bool, Vec<(String, bool)>) {
    let owned = |path: Option<&str>| path.map(ToOwned::to_owned);
    let (go, files) = variables::of(name, owned(defined), owned(recorded));
    let gone = files
        .into_iter()
        .map(|(path, removal)| (path, removal == Removal::Gone));
    (go, gone.collect())
}

#[test]
fn variables_that_libvirt_removes_are_gone_and_others_are_kept() {
    let web = "/nvram/web_VARS.fd";
    assert_eq!(of("web", None, None), (true, vec![]));
    for defined in [None, Some(web)] {
        assert_eq!(
            of("web", defined, Some(web)),
            (true, vec![(web.into(), true)])
        );
    }
    // renamed: libvirt looks for the new name's
    assert_eq!(of("db", None, Some(web)), (true, vec![(web.into(), false)]));
    assert_eq!(of("we", None, Some(web)), (true, vec![(web.into(), false)]));
    // somebody has given it others
    let other = "/nvram/other.fd";
    for recorded in [None, Some(web)] {
        assert_eq!(
            of("web", Some(other), recorded),
            (false, vec![(other.into(), false)])
        );
    }
}
