//! Which tensors a model has, under the names of both kinds of files.

use super::ModelConfig;

/// Parts of a block: the name in GGUF files, and after `model.layers.N.` in safetensors.
const PARTS: [(&str, &str); 11] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_q_norm", "self_attn.q_norm"),
    ("attn_k_norm", "self_attn.k_norm"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

impl ModelConfig {
    /// Every tensor of the model with its shape, in the order of their use, by its GGUF name.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        self.each_tensor().collect()
    }

    /// The same one after another: a file may claim more blocks than any list could hold.
    pub(super) fn each_tensor(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        let width = self.width;
        let first = ("token_embd.weight".to_owned(), vec![self.vocab, width]);
        let norm = ("output_norm.weight".to_owned(), vec![width]);
        let head = ("output.weight".to_owned(), vec![self.vocab, width]);
        let head = (!self.tied()).then_some(head);
        let blocks = (0..self.layers).flat_map(|layer| self.block(layer));
        std::iter::once(first)
            .chain(blocks)
            .chain(std::iter::once(norm))
            .chain(head)
    }

    fn block(&self, layer: usize) -> Vec<(String, Vec<usize>)> {
        let (width, ffn) = (self.width, self.ffn);
        let queries = self.heads * self.head_dim;
        let keys = self.kv_heads * self.head_dim;
        let mut all = Vec::new();
        let mut add = |part: &str, shape: Vec<usize>| {
            all.push((format!("blk.{layer}.{part}"), shape));
        };
        add("attn_norm.weight", vec![width]);
        for (part, rows) in [("attn_q", queries), ("attn_k", keys), ("attn_v", keys)] {
            add(&format!("{part}.weight"), vec![rows, width]);
            if self.has_biases() {
                add(&format!("{part}.bias"), vec![rows]);
            }
        }
        if self.norms_heads() {
            add("attn_q_norm.weight", vec![self.head_dim]);
            add("attn_k_norm.weight", vec![self.head_dim]);
        }
        add("attn_output.weight", vec![width, queries]);
        add("ffn_norm.weight", vec![width]);
        add("ffn_gate.weight", vec![ffn, width]);
        add("ffn_up.weight", vec![ffn, width]);
        add("ffn_down.weight", vec![width, ffn]);
        all
    }
}

/// The name in a Hugging Face folder of what GGUF files call `name`.
///
/// # Example
/// ```
/// use fathom_kernels::model::config::hugging_face_name;
/// let name = hugging_face_name("blk.3.attn_q.bias");
/// assert_eq!(name.as_deref(), Some("model.layers.3.self_attn.q_proj.bias"));
/// ```
pub fn hugging_face_name(name: &str) -> Option<String> {
    let (stem, kind) = name.rsplit_once('.')?;
    let stem = match stem {
        "token_embd" => "model.embed_tokens".to_owned(),
        "output_norm" => "model.norm".to_owned(),
        "output" => "lm_head".to_owned(),
        _ => {
            let (layer, part) = stem.strip_prefix("blk.")?.split_once('.')?;
            let (_, theirs) = PARTS.iter().find(|(ours, _)| *ours == part)?;
            format!("model.layers.{layer}.{theirs}")
        }
    };
    Some(format!("{stem}.{kind}"))
}
