//! Where a redirect may lead: to the same service, never elsewhere, because the token goes along.

use reqwest::{Method, StatusCode};
use url::Url;

/// Where `from` is redirected to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// The same scheme, host and port: ask there.
    Here(Url),
    /// Somewhere else.
    Elsewhere(String),
}

/// Where an answer of `status` with the header `location` leads; `None` where it leads nowhere.
pub(super) fn target(
    method: &Method,
    from: &Url,
    status: StatusCode,
    location: Option<&str>,
) -> Option<Redirect> {
    let keeps_method = match status.as_u16() {
        301 | 302 => *method == Method::GET,
        307 | 308 => true,
        _ => return None,
    };
    // 300, which Keystone and Glance answer at their roots, is an answer of its own
    let location = location?;
    let to = match from.join(location) {
        Ok(to) if keeps_method && to.origin() == from.origin() => return Some(Redirect::Here(to)),
        Ok(mut to) => {
            let _ = to.set_password(None);
            let _ = to.set_username("");
            to.to_string()
        }
        Err(_) => "something that is no URL".to_owned(),
    };
    Some(Redirect::Elsewhere(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(method: &Method, status: u16, location: &str) -> Option<Redirect> {
        let from = Url::parse("https://cloud.example:5000/v3").unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        target(method, &from, status, Some(location))
    }

    #[test]
    fn only_the_same_service_is_asked() {
        let here = Url::parse("https://cloud.example:5000/v3/").unwrap();
        assert_eq!(
            led(&Method::GET, 302, "/v3/"),
            Some(Redirect::Here(here.clone()))
        );
        assert_eq!(
            led(&Method::POST, 308, "/v3/"),
            Some(Redirect::Here(here.clone()))
        );
        for elsewhere in [
            "https://evil.example:5000/v3/",
            "https://cloud.example/v3/",
            "http://cloud.example:5000/v3/",
            "//evil.example/",
        ] {
            let led = led(&Method::GET, 301, elsewhere);
            assert!(matches!(led, Some(Redirect::Elsewhere(_))), "{elsewhere}");
        }
        // a POST that comes back as a GET is not what was asked for
        assert!(matches!(
            led(&Method::POST, 302, "/v3/"),
            Some(Redirect::Elsewhere(_))
        ));
    }

    #[test]
    fn a_choice_is_no_redirect() {
        assert_eq!(led(&Method::GET, 300, "/v3/"), None);
        assert_eq!(led(&Method::GET, 200, "/v3/"), None);
    }
}
