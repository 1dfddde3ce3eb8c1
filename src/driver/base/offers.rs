//! What the fields of a step can be filled with, by a driver's lists.

use crate::Result;
use crate::concurrent::both;
use crate::driver::{
    Context, Driver, Image, Network, Offer, Offers, Provider, SecGroup, Size, Step,
};

/// What `driver` offers for step `index` of its form: its lists for the fields that have their names, and
/// in the first step what only the host knows.
pub(crate) fn offers<D: Driver + ?Sized>(
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
