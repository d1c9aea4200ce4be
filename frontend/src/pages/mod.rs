//! One folder per page: `mod.rs` is the view, `model.rs` is pure, parts lie beside. What pages
//! have in common: the address, the form, the text.

mod advisor; //      from figures to a decision
mod answer; //       what came of a question
mod builder; // for those who write generators
mod display; // figures for people
mod form; //         the fields of an order
mod home; //        what this is, and the gap in one model
mod longbench; // LongBench v2
mod model_card; //   what is known of a model before it is loaded
mod model_panel; //  the model in this browser
mod playground; // build a sample, run it here and on the server, compare
mod query; //        parameters of an address
mod reading; //      the prompt with its evidence
mod refused_models; // models of the server that nobody can use
mod results; //      what was measured, own and published
mod run_form; //     an order for the server or this browser
mod runs; // runs of the server and of this browser
mod sample_query; // what a form asks for, as its URL

pub(crate) use advisor::AdvisorPage;
pub(crate) use builder::BuilderPage;
pub(crate) use home::HomePage;
pub(crate) use longbench::LongbenchPage;
pub(crate) use playground::PlaygroundPage;
pub(crate) use results::ResultsPage;
pub(crate) use runs::{RunPage, RunsPage};
