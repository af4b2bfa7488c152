"""Tiny random generative models of the real transformers classes."""

from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any

transformers: Any = import_module("transformers")

WORDS = [
    "<pad>", "<bos>", "<eos>", "<unk>", "<image>", "[CLS]", "[SEP]", "<fake_token_around_image>",
    "<global-img>", "<end_of_utterance>", "USER", "ASSISTANT", ":", "a", "photo", "of", "cat",
    "dog", "two", "What", "is", "it", "?", "Yes", "No", "yes", "no", "or", "Does", "the", "text",
    "describe", "picture", "Answer", ".", '"',
]  # fmt: skip
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] | upper }} : {% for part in "
    "message['content'] %}{% if part['type'] == 'image' %}<image> {% else %}{{ part['text'] }} "
    "{% endif %}{% endfor %}{% endfor %}{% if add_generation_prompt %}ASSISTANT : {% endif %}"
)
TEXT = {
    "vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 2, "bos_token_id": 1, "eos_token_id": 2,
    "pad_token_id": 0, "initializer_range": 0.4, "max_position_embeddings": 256,
}  # fmt: skip
VISION = {
    "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "image_size": 32, "patch_size": 8, "projection_dim": 16, "initializer_range": 0.4,
}  # fmt: skip


def tokenizer(*, framed: bool = False) -> Any:
    """Return a tokenizer of whole words; framed in [CLS] and [SEP], or begun with <bos>."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors

    words = {word: index for index, word in enumerate(WORDS)}
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens([AddedToken(word) for word in WORDS[:10]])
    frame = "[CLS] $A [SEP]" if framed else "<bos> $A"
    marks = [("[CLS]", 5), ("[SEP]", 6)] if framed else [("<bos>", 1)]
    made.post_processor = processors.TemplateProcessing(single=frame, special_tokens=marks)
    names = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    framing = {"cls_token": "[CLS]", "sep_token": "[SEP]"} if framed else {}
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        unk_token="<unk>",
        model_max_length=256,
        additional_special_tokens=["<image>"],
        **names,
        **framing,
    )


def llava() -> tuple[Any, Any]:
    vision = transformers.CLIPVisionConfig(**VISION)
    text = transformers.LlamaConfig(**TEXT)
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=text, image_token_index=4, image_token_id=4,
        vision_feature_layer=-1, image_seq_length=16,
    )  # fmt: skip
    shape = transformers.CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    processor = transformers.LlavaProcessor(
        shape, tokenizer(), patch_size=8, vision_feature_select_strategy="default",
        num_additional_image_tokens=1, chat_template=TEMPLATE,
    )  # fmt: skip
    return transformers.LlavaForConditionalGeneration(config), processor


def smolvlm() -> tuple[Any, Any]:
    vision = {key: value for key, value in VISION.items() if key != "projection_dim"}
    config = transformers.Idefics3Config(
        vision_config=vision, text_config=transformers.LlamaConfig(**TEXT), image_token_id=4,
        scale_factor=2, pad_token_id=0,
    )  # fmt: skip
    shape = transformers.Idefics3ImageProcessor(
        size={"longest_edge": 64}, max_image_size={"longest_edge": 32}
    )
    processor = transformers.Idefics3Processor(
        shape, tokenizer(), image_seq_len=4, chat_template=TEMPLATE
    )
    return transformers.Idefics3ForConditionalGeneration(config), processor


def blip() -> tuple[Any, Any]:
    text = {key: value for key, value in TEXT.items() if key != "num_key_value_heads"}
    config = transformers.BlipConfig(
        text_config={**text, "sep_token_id": 6, "encoder_hidden_size": 16, "is_decoder": True},
        vision_config=VISION,
        projection_dim=16,
    )
    shape = transformers.BlipImageProcessor(size={"height": 32, "width": 32})
    processor = transformers.BlipProcessor(shape, tokenizer(framed=True))
    return transformers.BlipForConditionalGeneration(config), processor


def named(**tokens: str) -> Any:
    """Return a tokenizer that knows further tokens by name."""
    with TemporaryDirectory() as folder:
        tokenizer().save_pretrained(folder)
        return transformers.PreTrainedTokenizerFast.from_pretrained(
            folder, extra_special_tokens=tokens
        )


def paligemma() -> tuple[Any, Any]:
    vision = {key: value for key, value in VISION.items() if key != "projection_dim"}
    words = named(image_token="<image>")
    config = transformers.PaliGemmaConfig(
        vision_config={**vision, "model_type": "siglip_vision_model", "vision_use_head": False},
        text_config={**TEXT, "model_type": "gemma", "head_dim": 8, "vocab_size": 2048},
        image_token_index=4, image_token_id=4, projection_dim=16, hidden_size=16,
    )  # fmt: skip
    shape = transformers.SiglipImageProcessor(size={"height": 32, "width": 32})
    shape.image_seq_length = 16
    processor = transformers.PaliGemmaProcessor(shape, words)
    return transformers.PaliGemmaForConditionalGeneration(config), processor


def qwen() -> tuple[Any, Any]:
    """Return a Qwen2-VL, which takes pictures of any size as a row of patches."""
    config = transformers.Qwen2VLConfig(
        text_config={
            **TEXT,
            "rope_scaling": {"rope_type": "default", "type": "mrope", "mrope_section": [1, 1, 2]},
        },
        vision_config={
            "depth": 2, "embed_dim": 16, "hidden_size": 16, "num_heads": 2, "mlp_ratio": 2,
            "patch_size": 8, "spatial_merge_size": 2, "temporal_patch_size": 2, "in_channels": 3,
        },
        image_token_id=4, video_token_id=8, vision_start_token_id=7, vision_end_token_id=9,
    )  # fmt: skip
    patches = {"patch_size": 8, "merge_size": 2, "temporal_patch_size": 2}
    processor = transformers.Qwen2VLProcessor(
        transformers.Qwen2VLImageProcessor(**patches, min_pixels=16 * 16, max_pixels=64 * 64),
        named(image_token="<image>", video_token="<global-img>"),
        transformers.Qwen2VLVideoProcessor(**patches),
        chat_template=TEMPLATE.replace(
            "<image>", "<fake_token_around_image><image><end_of_utterance>"
        ),
    )
    return transformers.Qwen2VLForConditionalGeneration(config), processor


WRITERS = {"llava": llava, "smolvlm": smolvlm, "blip": blip, "paligemma": paligemma}
