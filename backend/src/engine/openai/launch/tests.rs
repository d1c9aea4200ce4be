use super::*;

fn rope(json: Json) -> RopeParameters {
    serde_json::from_value(json).unwrap()
}

fn yarn() -> RopeParameters {
    rope(json!({
        "rope_type": "yarn", "rope_theta": 1_000_000, "factor": 4.0,
        "original_max_position_embeddings": 32768,
    }))
}

fn line(program: ServerProgram, rope: Option<&RopeParameters>) -> Result<String, LaunchError> {
    let model = match program {
        ServerProgram::LlamaServer => "/models/my model.gguf",
        _ => "Qwen/Qwen3-8B",
    };
    LaunchPlan {
        program,
        model,
        context: 131_072,
        rope,
        tensor_parallel: 2,
        architecture: Some("qwen3"),
    }
    .line()
}

/// The lines without and with positions, one after the other.
fn lines(program: ServerProgram, ropes: &[Option<&RopeParameters>]) -> String {
    let lines = ropes.iter().map(|rope| line(program, *rope).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn vllm() {
    let linear = rope(json!({ "rope_type": "linear", "rope_theta": 10000.0, "factor": 2.0 }));
    let ropes = [None, Some(&yarn()), Some(&linear)];
    insta::assert_snapshot!(lines(ServerProgram::Vllm, &ropes), @r#"
    vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --max-model-len 131072 --generation-config vllm --tensor-parallel-size 2
    vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --max-model-len 131072 --generation-config vllm --tensor-parallel-size 2 --hf-overrides '{"rope_parameters":{"factor":4.0,"original_max_position_embeddings":32768,"rope_theta":1000000,"rope_type":"yarn"}}'
    vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --max-model-len 131072 --generation-config vllm --tensor-parallel-size 2 --hf-overrides '{"rope_parameters":{"factor":2.0,"rope_theta":10000.0,"rope_type":"linear"}}'
    "#);
}

#[test]
fn vllm_old() {
    let base = rope(json!({ "rope_type": "default", "rope_theta": 4e6 }));
    let ropes = [None, Some(&yarn()), Some(&base)];
    insta::assert_snapshot!(lines(ServerProgram::VllmOld, &ropes), @r#"
    vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --max-model-len 131072 --generation-config vllm --tensor-parallel-size 2
    vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --max-model-len 131072 --generation-config vllm --tensor-parallel-size 2 --rope-scaling '{"factor":4.0,"original_max_position_embeddings":32768,"rope_type":"yarn"}' --rope-theta 1000000
    vllm serve Qwen/Qwen3-8B --host 127.0.0.1 --max-model-len 131072 --generation-config vllm --tensor-parallel-size 2 --rope-theta 4000000.0
    "#);
}

#[test]
fn sglang() {
    insta::assert_snapshot!(lines(ServerProgram::Sglang, &[None, Some(&yarn())]), @r#"
    python -m sglang.launch_server --model-path Qwen/Qwen3-8B --host 127.0.0.1 --context-length 131072 --sampling-defaults openai --tp-size 2
    env SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN=1 python -m sglang.launch_server --model-path Qwen/Qwen3-8B --host 127.0.0.1 --context-length 131072 --sampling-defaults openai --tp-size 2 --json-model-override-args '{"rope_scaling":{"factor":4.0,"original_max_position_embeddings":32768,"rope_theta":1000000,"rope_type":"yarn"},"rope_theta":1000000}'
    "#);
}

#[test]
fn llama_server() {
    let base = rope(json!({ "rope_type": "default", "rope_theta": 4e6 }));
    let ropes = [None, Some(&yarn()), Some(&base)];
    insta::assert_snapshot!(lines(ServerProgram::LlamaServer, &ropes), @r#"
    llama-server --model '/models/my model.gguf' --host 127.0.0.1 --ctx-size 131072 --parallel 1 --split-mode row --tensor-split 1,1
    llama-server --model '/models/my model.gguf' --host 127.0.0.1 --ctx-size 131072 --parallel 1 --split-mode row --tensor-split 1,1 --rope-scaling yarn --rope-scale 4.0 --yarn-orig-ctx 32768 --rope-freq-base 1000000 --override-kv qwen3.context_length=int:131072
    llama-server --model '/models/my model.gguf' --host 127.0.0.1 --ctx-size 131072 --parallel 1 --split-mode row --tensor-split 1,1 --rope-freq-base 4000000.0
    "#);
}

#[test]
fn what_would_be_lost_is_refused() {
    let without = rope(json!({ "rope_type": "yarn", "factor": 4.0 }));
    let all = [
        ServerProgram::Vllm,
        ServerProgram::VllmOld,
        ServerProgram::Sglang,
        ServerProgram::LlamaServer,
    ];
    for program in all {
        assert_eq!(line(program, Some(&without)), Err(LaunchError::Theta));
    }
    let kinds = [
        (
            ServerProgram::Vllm,
            json!({ "rope_type": "ntk", "rope_theta": 1e4, "factor": 2.0 }),
            "`ntk`",
        ),
        (
            ServerProgram::Vllm,
            json!({ "rope_type": "yran", "rope_theta": 1e4 }),
            "`yran`",
        ),
        (
            ServerProgram::Vllm,
            json!({ "rope_type": "linear", "rope_theta": 1e4 }),
            "`factor` is missing",
        ),
        (
            ServerProgram::LlamaServer,
            json!({ "rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0, "original_max_position_embeddings": 64 }),
            "`dynamic`",
        ),
        (
            ServerProgram::LlamaServer,
            json!({ "rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0, "original_max_position_embeddings": 64, "attention_factor": 1.0 }),
            "`attention_factor`",
        ),
    ];
    for (program, parameters, want) in kinds {
        let error = line(program, Some(&rope(parameters))).unwrap_err();
        assert!(error.to_string().contains(want), "{error}");
    }
    let launch = LaunchPlan {
        program: ServerProgram::LlamaServer,
        model: "m.gguf",
        context: 8192,
        rope: Some(&yarn()),
        tensor_parallel: 1,
        architecture: None,
    };
    assert_eq!(launch.line(), Err(LaunchError::Architecture));
}

#[test]
fn quotes_hold() {
    assert_eq!(quote("it's"), r"'it'\''s'");
    assert_eq!(quote(""), "''");
    assert_eq!(quote("$HOME"), "'$HOME'");
}
