/* The closed list of names a pickle may mention. docs/weights.md repeats it. */
#include <string.h>

#include "weights/pickle.h"

#define INERT(name)                                                                                          \
    { name, BB_ROLE_INERT, 0, -1 }
#define DICTIONARY(name)                                                                                     \
    { name, BB_ROLE_DICT, 0, -1 }
#define STORAGE(name, size, dtype)                                                                           \
    { name, BB_ROLE_STORAGE, size, dtype }
#define CONFIG(name)                                                                                         \
    { name, BB_ROLE_CONFIG, 0, -1 }
#define CONFIG_NODE(name)                                                                                    \
    { name, BB_ROLE_CONFIG_NODE, 0, -1 }

/* Python 2 and the pickle protocols up to 2 call the module of built-in names __builtin__. */
#define BUILTIN(name) INERT("builtins." name), INERT("__builtin__." name)

static const bb_pickle_name names[] = {
    DICTIONARY("builtins.dict"),
    DICTIONARY("__builtin__.dict"),
    DICTIONARY("collections.OrderedDict"),
    DICTIONARY("collections.defaultdict"),
    DICTIONARY("collections.Counter"),
    BUILTIN("list"),
    BUILTIN("set"),
    BUILTIN("frozenset"),
    BUILTIN("tuple"),
    BUILTIN("int"),
    BUILTIN("float"),
    BUILTIN("bool"),
    BUILTIN("str"),
    BUILTIN("bytes"),
    BUILTIN("complex"),
    BUILTIN("slice"),
    BUILTIN("object"),
    INERT("__builtin__.long"),    /* int, as protocols up to 2 name it */
    INERT("__builtin__.unicode"), /* str, likewise */
    INERT("typing.Any"),
    INERT("_codecs.encode"),
    INERT("numpy.dtype"),
    INERT("numpy.core.multiarray.scalar"),
    INERT("numpy._core.multiarray.scalar"),
    CONFIG("omegaconf.dictconfig.DictConfig"),
    CONFIG("omegaconf.listconfig.ListConfig"),
    CONFIG_NODE("omegaconf.nodes.AnyNode"),
    CONFIG_NODE("omegaconf.nodes.StringNode"),
    CONFIG_NODE("omegaconf.nodes.IntegerNode"),
    CONFIG_NODE("omegaconf.nodes.FloatNode"),
    CONFIG_NODE("omegaconf.nodes.BooleanNode"),
    INERT("omegaconf.base.Metadata"),
    INERT("omegaconf.base.ContainerMetadata"),
    {"torch._utils._rebuild_tensor", BB_ROLE_TENSOR, 0, -1},
    {"torch._utils._rebuild_tensor_v2", BB_ROLE_TENSOR, 0, -1},
    {"torch._utils._rebuild_parameter", BB_ROLE_PARAMETER, 0, -1},
    {"torch.Size", BB_ROLE_SIZE, 0, -1},
    INERT("torch.nn.parameter.Parameter"),
    INERT("torch.device"),
    INERT("torch.serialization._get_layout"),
    STORAGE("torch.HalfStorage", 2, BB_F16),
    STORAGE("torch.FloatStorage", 4, BB_F32),
    STORAGE("torch.DoubleStorage", 8, BB_F64),
    STORAGE("torch.BFloat16Storage", 2, BB_BF16),
    STORAGE("torch.CharStorage", 1, BB_I8),
    STORAGE("torch.ByteStorage", 1, BB_U8),
    STORAGE("torch.BoolStorage", 1, BB_U8),
    STORAGE("torch.ShortStorage", 2, BB_I16),
    STORAGE("torch.IntStorage", 4, BB_I32),
    STORAGE("torch.LongStorage", 8, BB_I64),
    STORAGE("torch.ComplexFloatStorage", 8, -1),
    STORAGE("torch.ComplexDoubleStorage", 16, -1),
    STORAGE("torch.QInt8Storage", 1, -1),
    STORAGE("torch.QUInt8Storage", 1, -1),
    STORAGE("torch.QInt32Storage", 4, -1),
    INERT("torch.float16"),
    INERT("torch.float32"),
    INERT("torch.float64"),
    INERT("torch.bfloat16"),
    INERT("torch.int8"),
    INERT("torch.uint8"),
    INERT("torch.bool"),
    INERT("torch.int16"),
    INERT("torch.int32"),
    INERT("torch.int64"),
    INERT("torch.complex64"),
    INERT("torch.complex128"),
};

const bb_pickle_name *bb_pickle_name_find(const char *module, size_t module_length, const char *name,
                                          size_t name_length) {
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        const char *known = names[i].name;
        if (strlen(known) == module_length + 1 + name_length && known[module_length] == '.' &&
            memcmp(known, module, module_length) == 0 &&
            memcmp(known + module_length + 1, name, name_length) == 0)
            return &names[i];
    }
    return NULL;
}
