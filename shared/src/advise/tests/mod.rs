//! Tests of the advisor.

mod costs;
mod doubts;
mod properties;
mod published;
mod results;
mod rows;
mod situations;
mod suite;
mod words;
