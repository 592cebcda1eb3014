const source = (layers: string[], input: string, loss: string, optimizer = 'SGD(0.05, momentum=0.9)'): string => `
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *
model = Sequential([Input(${input}), ${layers.join(', ')}])
model.compile(optimizer=${optimizer}, loss='${loss}')
`;

/** Small Keras models that between them use every kind of layer that trains. */
export const trainedModels: Record<string, string> = {
  'convolutions, pooling, dense': source(
    [
      "Conv2D(5, 3, activation='relu')",
      'MaxPooling2D()',
      "Conv2D(16, 3, padding='same', activation='relu')",
      "Conv2D(16, 3, activation='relu')",
      'Flatten()',
      "Dense(9, activation='relu')",
      "Dense(4, activation='softmax')",
    ],
    '(13, 11, 1)',
    'categorical_crossentropy',
  ),
  'batch normalisation and dropout': source(
    [
      "Conv2D(6, 3, padding='same', use_bias=False)",
      'BatchNormalization()',
      "Activation('relu')",
      "Conv2D(7, 3, strides=2, padding='same')",
      'BatchNormalization(scale=False)',
      'ReLU()',
      'AveragePooling2D()',
      'Dropout(0.4)',
      'Flatten()',
      "Dense(1, activation='sigmoid')",
    ],
    '(9, 10, 3)',
    'binary_crossentropy',
  ),
  'depthwise, separable, global pooling': source(
    [
      "Conv2D(8, 5, strides=2, padding='same', activation='relu')",
      "DepthwiseConv2D(3, padding='same')",
      'BatchNormalization(center=False)',
      'LeakyReLU()',
      "SeparableConv2D(6, 3, activation='elu')",
      'GlobalAveragePooling2D()',
      "Dense(3, activation='softmax')",
    ],
    '(12, 12, 3)',
    'sparse_categorical_crossentropy',
  ),
  'other activations, spatial dropout, regularisation': source(
    [
      "Conv2D(4, 3, activation='tanh', kernel_regularizer='l2')",
      'SpatialDropout2D(0.3)',
      "Conv2D(5, 2, activation='sigmoid')",
      'GaussianNoise(0.1)',
      'GlobalMaxPooling2D()',
      "Dense(6, activation='selu')",
      'Dense(3)',
      'Softmax()',
    ],
    '(8, 8, 2)',
    'categorical_crossentropy',
  ),
};

trainedModels['recurrent, reshaped, padded, joined'] = `
from tensorflow.keras import Model
from tensorflow.keras.layers import *
i = Input((8, 6, 2))
a = Conv2D(4, 3, padding='same', activation='relu')(ZeroPadding2D(1)(i))
b = UpSampling2D()(MaxPooling2D()(a))
c = Concatenate()([a, Conv2DTranspose(3, 3, padding='same', activation='tanh')(b)])
d = Cropping2D(1)(c)
e = GRU(5, reset_after=False, return_sequences=True)(Reshape((16, -1))(Permute((2, 1, 3))(d)))
f = Bidirectional(LSTM(4))(e)
model = Model(i, Dense(3, activation='softmax')(f))
model.compile(optimizer='rmsprop', loss='categorical_crossentropy')
`;

/** Models whose steps our own kernels capture although they are made of many small operations. */
export const wideModels: Record<string, string> = {};

wideModels['gates over channels, group normalisation, rare activations'] = `
from tensorflow.keras import Model
from tensorflow.keras.layers import *
i = Input((8, 7, 3))
a = GroupNormalization(2)(Conv2D(6, 3, padding='same', activation='gelu')(i))
g = Dense(6, activation='hard_sigmoid')(Dense(3, activation='silu')(GlobalAveragePooling2D()(a)))
b = Multiply()([a, Reshape((1, 1, 6))(g)])
c = Maximum()([ThresholdedReLU(0.1)(b), ReLU(negative_slope=0.2, threshold=0.05, max_value=3.0)(a)])
d = Minimum()([c, Average()([a, b])])
e = GlobalMaxPooling1D()(Reshape((56, 6))(d))
model = Model(i, Dense(3, activation='softmax')(Dense(5, activation='gelu')(e)))
model.compile(optimizer='sgd', loss='kl_divergence')
`;

wideModels['attention, a softmax within, spectral normalisation'] = `
from tensorflow.keras import Model
from tensorflow.keras.layers import *
i = Input((6, 4, 2))
a = SpectralNormalization(Conv2D(4, 3, padding='same', activation='relu'))(i)
b = Reshape((24, 4))(a)
c = LayerNormalization()(Add()([b, MultiHeadAttention(2, 3)(b, b)]))
d = Attention()([c, c])
e = Dense(5, activation='softmax')(Flatten()(d))
model = Model(i, SpectralNormalization(Dense(3, activation='sigmoid'), power_iterations=2)(e))
model.compile(optimizer='adam', loss='mean_squared_error')
`;
