# A residual block and global pooling.
from tensorflow.keras import Model
from tensorflow.keras.layers import *

inputs = Input((32, 32, 3))
x = Conv2D(32, 3, padding='same', activation='relu')(inputs)
y = Conv2D(32, 3, padding='same', activation='relu')(x)
y = Conv2D(32, 3, padding='same')(y)
x = Activation('relu')(Add()([x, y]))
y = Conv2D(32, 3, padding='same', activation='relu')(x)
y = Conv2D(32, 3, padding='same')(y)
x = Activation('relu')(Add()([x, y]))
x = GlobalAveragePooling2D()(x)
outputs = Dense(10, activation='softmax')(x)
model = Model(inputs, outputs)
model.compile(optimizer='adam', loss='categorical_crossentropy')
