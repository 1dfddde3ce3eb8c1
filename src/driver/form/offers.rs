//! What the fields of a step can be filled with that only the host knows.

use indexmap::IndexMap;

use super::{Choice, OptionChoices, Step};
use crate::concurrent::both;
use crate::driver::{Context, Driver, Image, Network, Provider, SecGroup, Size};
use crate::{Error, Kind, Result};

/// What a field can be filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// One of these; a source that answered has no others.
    Choices(Vec<Choice>),
    /// Any text, because no source says which there are; why, in words.
    Text(String),
}

/// Field id to what it can be filled with.
pub type Offers = IndexMap<String, Offer>;

impl Offer {
    /// The choices that `asked` gave. A host that has no such list leaves the field to be typed.
    pub fn of(asked: Result<Vec<Choice>>) -> Result<Self> {
        match asked {
            Ok(choices) => Ok(Self::Choices(choices)),
            Err(error) if error.kind() == Kind::Unsupported => Ok(Self::Text(words(&error))),
            Err(error) => Err(error),
        }
    }
}

fn words(error: &Error) -> String {
    error.message().to_owned()
}

/// What `driver` offers for step `index` of its form: its lists for the fields that have their names, and
/// in the first step what only the host knows.
pub(crate) fn ask<D: Driver + ?Sized>(
    driver: &D,
    cx: &Context,
    provider: &Provider,
    index: usize,
    step: &Step,
) -> Result<Offers> {
    let has = |id: &str| step.fields.iter().any(|field| field.id == id);
    let mut offers = Offers::new();
    if index == 0 {
        for (id, choices) in driver.host_choices(cx, provider)? {
            offers.insert(id, Offer::Choices(choices));
        }
    }
    let networks = || {
        Offer::of(
            driver
                .networks(cx, provider)
                .map(|all| Network::choices(&all)),
        )
    };
    let groups = || {
        Offer::of(
            driver
                .sec_groups(cx, provider)
                .map(|all| SecGroup::choices(&all)),
        )
    };
    let images = || Offer::of(driver.images(cx, provider).map(|all| Image::choices(&all)));
    let sizes = || Offer::of(driver.sizes(cx, provider).map(|all| Size::choices(&all)));
    let (network, group) = both(
        || has("network").then(networks).transpose(),
        || has("sec_group").then(groups).transpose(),
    );
    let (image, size) = both(
        || has("image").then(images).transpose(),
        || has("size").then(sizes).transpose(),
    );
    for (id, offer) in [
        ("network", network?),
        ("sec_group", group?),
        ("image", image?),
        ("size", size?),
    ] {
        offers.extend(offer.map(|offer| (id.to_owned(), offer)));
    }
    Ok(offers)
}

/// The choices among `offers`, and for people which fields of `step` are to be typed, and why.
pub(super) fn choices(offers: Offers, step: &Step) -> (OptionChoices, Vec<String>) {
    let (mut choices, mut hints) = (OptionChoices::new(), Vec::new());
    for (id, offer) in offers {
        match offer {
            Offer::Choices(all) => {
                choices.insert(id, all);
            }
            Offer::Text(why) => {
                let field = step.fields.iter().find(|field| field.id == id);
                hints.extend(field.map(|field| format!("{}: {why}; type it.", field.name)));
            }
        }
    }
    (choices, hints)
}
