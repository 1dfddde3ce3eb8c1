//! `provider.*` that ask the host something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::driver::{
    Billing, Choice, Context, Image, Network, Provider, ProviderData, ProviderStatus, SecGroup,
    Size,
};
use crate::rpc::Service;

/// What a method takes that needs a provider only.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct ProviderParams {
    /// The provider: the whole record.
    pub(super) provider: Provider,
}

/// What `provider.networks` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Networks {
    /// The networks.
    networks: Vec<Network>,
    /// The same as the options of a form.
    option_choices: Vec<Choice>,
}

/// What `provider.sec_groups` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct SecGroups {
    /// The security groups.
    sec_groups: Vec<SecGroup>,
    /// The same as the options of a form.
    option_choices: Vec<Choice>,
}

/// What `provider.images` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Images {
    /// The images.
    images: Vec<Image>,
    /// The same as the options of a form.
    option_choices: Vec<Choice>,
}

/// What `provider.sizes` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::rpc) struct Sizes {
    /// The sizes.
    sizes: Vec<Size>,
    /// The same as the options of a form.
    option_choices: Vec<Choice>,
}

pub(super) fn status(
    service: &Service,
    cx: &Context,
    params: ProviderParams,
) -> Result<ProviderStatus> {
    let provider = params.provider;
    service.driver_of(&provider)?.provider_status(cx, &provider)
}

pub(super) fn data(
    service: &Service,
    cx: &Context,
    params: ProviderParams,
) -> Result<ProviderData> {
    let provider = params.provider;
    service.driver_of(&provider)?.provider_data(cx, &provider)
}

pub(super) fn networks(
    service: &Service,
    cx: &Context,
    params: ProviderParams,
) -> Result<Networks> {
    let provider = params.provider;
    let networks = service.driver_of(&provider)?.networks(cx, &provider)?;
    Ok(Networks {
        option_choices: Network::choices(&networks),
        networks,
    })
}

pub(super) fn sec_groups(
    service: &Service,
    cx: &Context,
    params: ProviderParams,
) -> Result<SecGroups> {
    let provider = params.provider;
    let sec_groups = service.driver_of(&provider)?.sec_groups(cx, &provider)?;
    Ok(SecGroups {
        option_choices: SecGroup::choices(&sec_groups),
        sec_groups,
    })
}

pub(super) fn images(service: &Service, cx: &Context, params: ProviderParams) -> Result<Images> {
    let provider = params.provider;
    let images = service.driver_of(&provider)?.images(cx, &provider)?;
    Ok(Images {
        option_choices: Image::choices(&images),
        images,
    })
}

pub(super) fn sizes(service: &Service, cx: &Context, params: ProviderParams) -> Result<Sizes> {
    let provider = params.provider;
    let sizes = service.driver_of(&provider)?.sizes(cx, &provider)?;
    Ok(Sizes {
        option_choices: Size::choices(&sizes),
        sizes,
    })
}

pub(super) fn billing(service: &Service, cx: &Context, params: ProviderParams) -> Result<Billing> {
    let provider = params.provider;
    service
        .driver_of(&provider)?
        .provider_billing(cx, &provider)
}
